package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/rowhouse/rowhouse/driver"
)

func TestFault(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		err  error
		want driver.Fault
	}{
		{
			"fields of a unique violation",
			&pgconn.PgError{
				Code: "23505", ConstraintName: "case_pkey", TableName: "case", SchemaName: "acme",
				Message: `duplicate key value violates unique constraint "case_pkey"`, Detail: "Key (id)=(42) already exists.",
			},
			driver.Fault{Kind: driver.Unique, Code: "23505", Constraint: "case_pkey", Table: "case"},
		},
		{
			"a unique violation from Citus",
			&pgconn.PgError{Code: "23505", Message: `duplicate key value violates unique constraint "case_pkey_102008"`},
			driver.Fault{Kind: driver.Unique, Code: "23505", Constraint: "case_pkey_102008"},
		},
		{
			"a foreign key violation from Citus",
			&pgconn.PgError{
				Code:    "23503",
				Message: `insert or update on table "note_102010" violates foreign key constraint "note_case_fkey_102010"`,
			},
			driver.Fault{Kind: driver.ForeignKey, Code: "23503", Constraint: "note_case_fkey_102010"},
		},
		{
			"a NULL from Citus",
			&pgconn.PgError{Code: "23502", Message: `null value in column "title" of relation "case_102008" violates not-null constraint`},
			driver.Fault{Kind: driver.NotNull, Code: "23502", Column: "title"},
		},
		{
			"a message that may quote a value",
			&pgconn.PgError{Code: "22P02", Message: `invalid input syntax for type integer: "secret"`},
			driver.Fault{Kind: driver.OtherFault, Code: "22P02"},
		},
		{
			"a message that a function made",
			&pgconn.PgError{Code: "P0001", Message: "secret"},
			driver.Fault{Kind: driver.OtherFault, Code: "P0001"},
		},
		{
			"a message that names objects",
			&pgconn.PgError{Code: "42703", Message: `column "x" does not exist`},
			driver.Fault{Kind: driver.MissingColumn, Code: "42703", Message: `column "x" does not exist`},
		},
		{
			"no code at all", &pgconn.PgError{Message: "secret"},
			driver.Fault{Kind: driver.OtherFault},
		},
		{
			"a protocol violation", &pgconn.PgError{Code: "08P01", Severity: "ERROR", Message: "bind message"},
			driver.Fault{Kind: driver.OtherFault, Code: "08P01", Message: "bind message"},
		},
		{
			"PgBouncer without a server", &pgconn.PgError{Code: "08P01", Severity: "FATAL", Message: "query_wait_timeout"},
			driver.Fault{Kind: driver.Unreachable, Code: "08P01", Message: "query_wait_timeout"},
		},
		{
			"PgBouncer without a database", &pgconn.PgError{Code: "08P01", Severity: "FATAL", Message: `database "x" does not exist`},
			driver.Fault{Kind: driver.MissingTable, Code: "08P01", Message: `database "x" does not exist`},
		},
		{"a failed commit", pgx.ErrTxCommitRollback, driver.Fault{Kind: driver.OtherFault, Message: pgx.ErrTxCommitRollback.Error()}},
		{"a lost connection", &net.OpError{Op: "read", Err: io.EOF}, driver.Fault{Kind: driver.Unreachable}},
		{"an unexpected end", fmt.Errorf("case: %w", io.ErrUnexpectedEOF), driver.Fault{Kind: driver.Unreachable}},
		{"a context", fmt.Errorf("timeout: %w", context.DeadlineExceeded), driver.Fault{}},
		{"something else", errors.New("something else"), driver.Fault{}},
		{"an ended transaction", errEnded, driver.Fault{}},
		{"open rows", errRowsOpen, driver.Fault{}},
	}
	d := new(Driver)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := d.Fault(fmt.Errorf("case: %w", c.err))
			if got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
			if strings.Contains(fmt.Sprintf("%+v", got), "secret") {
				t.Error("quotes a value")
			}
		})
	}
}

func TestNamed(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		`violates constraint "a b"`: "a b", `violates constraint "`: "", `constraint x`: "", "": "",
	} {
		if got := named(message, "constraint"); got != want {
			t.Errorf("%s: %q, want %q", message, got, want)
		}
	}
}
