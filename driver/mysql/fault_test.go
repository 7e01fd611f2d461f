package mysql

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"fmt"
	"io"
	"net"
	"strconv"
	"testing"

	native "github.com/go-sql-driver/mysql"

	"github.com/rowhouse/rowhouse/driver"
)

// TestFault reads the messages of both servers, of which one may not be at hand.
func TestFault(t *testing.T) {
	t.Parallel()
	const reference = "Cannot add or update a child row: a foreign key constraint fails " +
		"(`shop`.`42_order`, CONSTRAINT `42_order_case_fkey` FOREIGN KEY (`tenant`, `case`) REFERENCES `42_case` (`tenant`, `id`))"
	cases := []struct {
		name    string
		number  uint16
		message string
		want    driver.Fault // without Message and Code
	}{
		{
			"MariaDB's key", 1062, "Duplicate entry 'x' for key '42_case_title_key'",
			driver.Fault{Kind: driver.Unique, Constraint: "42_case_title_key"},
		},
		{
			"MySQL's key", 1062, "Duplicate entry 'x' for key '42_case.PRIMARY'",
			driver.Fault{Kind: driver.Unique, Table: "42_case", Constraint: "PRIMARY"},
		},
		{
			"a value like the message", 1062, "Duplicate entry 'for key 'a'' for key 'b' for key 'c'",
			driver.Fault{Kind: driver.Unique, Constraint: "c"},
		},
		{"another language", 1062, "Doublon 'x' dans l'index", driver.Fault{Kind: driver.Unique}},
		{
			"foreign key", 1452, reference,
			driver.Fault{Kind: driver.ForeignKey, Table: "42_order", Constraint: "42_order_case_fkey", Column: "tenant, case"},
		},
		{
			"foreign key without a name", 1216, "Cannot add or update a child row: a foreign key constraint fails",
			driver.Fault{Kind: driver.ForeignKey},
		},
		{
			"MySQL's check", 3819, "Check constraint 'case_check' is violated.",
			driver.Fault{Kind: driver.Check, Constraint: "case_check"},
		},
		{
			"MariaDB's check", 4025, "CONSTRAINT `case_check` failed for `shop`.`case`",
			driver.Fault{Kind: driver.Check, Constraint: "case_check", Table: "case"},
		},
		{"null", 1048, "Column 'title' cannot be null", driver.Fault{Kind: driver.NotNull, Column: "title"}},
		{"no default", 1364, "Field 'title' doesn't have a default value", driver.Fault{Kind: driver.NotNull, Column: "title"}},
		{"too long", 1406, "Data too long for column 'title' at row 1", driver.Fault{Kind: driver.TooLong, Column: "title"}},
		{"table", 1146, "Table 'shop.42_case' doesn't exist", driver.Fault{Kind: driver.MissingTable, Table: "42_case"}},
		{"database", 1049, "Unknown database 'shop'", driver.Fault{Kind: driver.MissingTable}},
		{"column", 1054, "Unknown column 'case.titel' in 'field list'", driver.Fault{Kind: driver.MissingColumn, Column: "titel"}},
		{"exists", 1050, "Table 'case' already exists", driver.Fault{Kind: driver.ExistingTable, Table: "case"}},
		{"value quoted", 1366, "Incorrect integer value: 'secret' for column", driver.Fault{Kind: driver.OtherFault}},
		{
			"prepared", 1461, "Can't create more than max_prepared_stmt_count statements (current value: 40)",
			driver.Fault{
				Kind: driver.OtherFault, Message: "Can't create more than max_prepared_stmt_count statements (current value: 40)" +
					"; let each connection keep fewer (mysql.WithStatements), or the server have more",
			},
		},
		{"empty", 0, "", driver.Fault{Kind: driver.OtherFault}},
	}
	var d Driver
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := d.Fault(fmt.Errorf("wrapped: %w", &native.MySQLError{Number: c.number, Message: c.message}))
			if got.Code != strconv.Itoa(int(c.number)) {
				t.Errorf("code %q", got.Code)
			}
			if quoting[got.Kind] && got.Message != c.want.Message {
				t.Errorf("message %q", got.Message)
			}
			if got.Code, got.Message = "", c.want.Message; got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

func TestFaultKinds(t *testing.T) {
	t.Parallel()
	var d Driver
	kinds := map[driver.FaultKind][]error{
		driver.NoFault: {
			nil, sql.ErrNoRows, context.Canceled, context.DeadlineExceeded,
			fmt.Errorf("dial: %w", context.DeadlineExceeded),
		},
		driver.Unreachable: {
			native.ErrInvalidConn, sqldriver.ErrBadConn, io.ErrUnexpectedEOF, sql.ErrConnDone,
			&net.OpError{Op: "dial", Err: io.EOF}, &native.MySQLError{Number: 1053},
		},
		driver.Deadlock:      {&native.MySQLError{Number: 1213}},
		driver.Serialization: {&native.MySQLError{Number: 1020}},
		driver.LockTimeout:   {&native.MySQLError{Number: 1205}, &native.MySQLError{Number: 3572}},
		driver.Denied:        {&native.MySQLError{Number: 1045}, &native.MySQLError{Number: 1142}},
	}
	for kind, errs := range kinds {
		for _, err := range errs {
			if got := d.Fault(err).Kind; got != kind {
				t.Errorf("%v: kind %d, want %d", err, got, kind)
			}
		}
	}
}

func TestContradictions(t *testing.T) {
	t.Parallel()
	for _, parameters := range []string{
		"", "?parseTime=true&loc=UTC&clientFoundRows=1", "?charset=utf8mb4&collation=utf8mb4_bin",
		"?timeout=3s&tls=false&sql_mode=%27TRADITIONAL%27", "?autocommit=1",
	} {
		c, err := parse("u:p/?x=1@tcp(h:1)/shop" + parameters)
		if err != nil || !c.ParseTime || !c.ClientFoundRows || c.DBName != "shop" {
			t.Errorf("%q: %+v, %v", parameters, c, err)
		}
	}
	for _, parameters := range []string{
		"parseTime=false", "clientFoundRows=false", "loc=Local", "interpolateParams=true",
		"multiStatements=true", "charset=latin1", "charset=utf8mb4,utf8", "collation=utf8_bin", "autocommit=0",
		"parseTime=true&parseTime=false",
	} {
		if _, err := parse("u:p@tcp(h:1)/shop?" + parameters); err == nil {
			t.Errorf("%q: no error", parameters)
		}
	}
	for _, dsn := range []string{"u:p@tcp(h:1)/", "u:p@tcp(h:1)", "", "u:p@tcp(h:1)/shop?parseTime=maybe"} {
		if _, err := parse(dsn); err == nil {
			t.Errorf("%q: no error", dsn)
		}
	}
}

func TestCheckVersion(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]struct{ mariaDB, ok bool }{
		"8.0.36": {false, true}, "8.4.0-commercial": {false, true}, "9.1.0": {false, true},
		"5.7.44-log": {false, false}, "10.11.6-MariaDB-0+deb12u1": {true, true}, "10.6.0-MariaDB": {true, true},
		"11.4.2-MariaDB-log": {true, true}, "10.5.23-MariaDB": {true, false}, "": {false, false}, "eight.0": {false, false},
	} {
		mariaDB, err := checkVersion(version)
		if mariaDB != (want.mariaDB && want.ok) || (err == nil) != want.ok {
			t.Errorf("%q: %v, %v", version, mariaDB, err)
		}
	}
}
