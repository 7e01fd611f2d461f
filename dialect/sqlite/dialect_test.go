package sqlite_test

import (
	"testing"

	"github.com/rowhouse/rowhouse/dialect/dialecttest"
	"github.com/rowhouse/rowhouse/dialect/sqlite"
)

func TestDialect(t *testing.T) {
	t.Parallel()
	dialecttest.Run(t, sqlite.Dialect{}, "testdata")
}
