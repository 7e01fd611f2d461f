package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// copied are rows for the table kept, of a kilobyte each.
func copied(n int, row func(i int) ([]dialect.Arg, error)) *driver.Many {
	text := strings.Repeat("x", 1000)
	return &driver.Many{
		Statement: driver.Statement{Text: "COPY kept (id, at, note) FROM STDIN (FORMAT binary)", Write: true},
		Insert:    "INSERT INTO kept (id, at, note) VALUES ($1, $2, $3)", Rows: n,
		Row: func(i int) ([]dialect.Arg, error) {
			if args, err := row(i); args != nil || err != nil {
				return args, err
			}
			return []dialect.Arg{arg(dialect.Int64, int64(i)), arg(dialect.Time, time.Unix(0, 0)), arg(dialect.Text, text)}, nil
		},
	}
}

func countKept(t *testing.T, r driver.Runner) (n int) {
	t.Helper()
	if err := one(t, r, &driver.Statement{Text: "SELECT count(*) FROM kept", Columns: []dialect.Kind{dialect.Int64}}, &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestCopyGivenUp has a row, long after the first ones were sent, be none that can be copied, fail, and panic. Nothing
// is there then, and what ran goes on.
func TestCopyGivenUp(t *testing.T) {
	t.Parallel()
	const rows, bad = 1000, 700
	wrong := errors.New("wrong")
	cases := map[string]struct {
		row  func() ([]dialect.Arg, error)
		want error
	}{
		"no binary form": {func() ([]dialect.Arg, error) {
			return []dialect.Arg{arg(dialect.Int64, int64(0)), arg(dialect.Time, "today"), arg(dialect.Text, "")}, nil
		}, driver.ErrNotCopied},
		"error": {func() ([]dialect.Arg, error) { return nil, wrong }, wrong},
		"panic": {func() ([]dialect.Arg, error) { panic(wrong) }, wrong},
	}
	_, _, db := opened(t, asItIs)
	exec(t, db, "CREATE TABLE kept (id bigint, at timestamptz, note text)")
	for name, c := range cases {
		m := copied(rows, func(i int) ([]dialect.Arg, error) {
			if i == bad {
				return c.row()
			}
			return nil, nil
		})
		try := func(r driver.Runner) (err error) {
			defer func() {
				if v, is := recover().(error); is {
					err = v
				}
			}()
			_, err = driver.Copy(t.Context(), r, m)
			return err
		}
		if err := try(db); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		tx := inTx(t, db)
		t.Cleanup(func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) })
		exec(t, tx, "INSERT INTO kept VALUES (-1)")
		if err := try(tx); !errors.Is(err, c.want) {
			t.Errorf("%s, in a transaction: %v", name, err)
		}
		if n := countKept(t, tx); n != 1 {
			t.Errorf("%s: %d rows in the transaction", name, n)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Error(err)
		}
		if n := countKept(t, db); n != 0 {
			t.Errorf("%s: %d rows", name, n)
		}
	}
}

// TestCopyEnded ends the context while rows are asked for.
func TestCopyEnded(t *testing.T) {
	t.Parallel()
	_, _, db := opened(t, asItIs)
	exec(t, db, "CREATE TABLE kept (id bigint, at timestamptz, note text)")
	ctx, cancel := context.WithCancel(t.Context())
	asked := 0 // by this goroutine, as the race detector knows
	m := copied(100_000, func(i int) ([]dialect.Arg, error) {
		if asked++; i == 2000 {
			cancel()
		}
		return nil, nil
	})
	if _, err := driver.Copy(ctx, db, m); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if asked == m.Rows {
		t.Error("all rows were asked for")
	}
	if n := countKept(t, db); n != 0 {
		t.Errorf("%d rows", n)
	}
}
