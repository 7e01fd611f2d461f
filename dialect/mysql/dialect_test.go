package mysql_test

import (
	"testing"

	"github.com/rowhouse/rowhouse/dialect/dialecttest"
	"github.com/rowhouse/rowhouse/dialect/mysql"
)

func TestDialect(t *testing.T) {
	t.Parallel()
	dialecttest.Run(t, mysql.Dialect{}, "testdata")
}

func TestMariaDB(t *testing.T) {
	t.Parallel()
	dialecttest.Run(t, mysql.Dialect{MariaDB: true}, "testdata/mariadb")
}
