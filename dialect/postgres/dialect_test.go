package postgres_test

import (
	"testing"

	"github.com/rowhouse/rowhouse/dialect/dialecttest"
	"github.com/rowhouse/rowhouse/dialect/postgres"
)

func TestDialect(t *testing.T) {
	t.Parallel()
	dialecttest.Run(t, postgres.Dialect{}, "testdata")
}
