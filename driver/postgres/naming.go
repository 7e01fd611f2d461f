package postgres

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/rowhouse/rowhouse/driver"
)

// naming is whether the connections to a server give names to statements, and to how many.
type naming struct {
	limit    int
	log      *slog.Logger
	off      atomic.Bool
	answered atomic.Bool  // the server understands the probe
	strikes  atomic.Int32 // times that names did not last, less those that they did
}

// gives reports whether names are given.
func (m *naming) gives() bool { return m.limit > 0 && !m.off.Load() }

// asks reports whether a connection can be asked whether names last: where what that fails can be sent again, or
// since a server has understood it. One whose transaction has failed answers nothing.
func (m *naming) asks(conn *pgx.Conn, again bool) bool {
	return conn.PgConn().TxStatus() != failedTransaction && (again || m.answered.Load())
}

// suits reports whether a statement may have a name. One without arguments or a result may be
// such as has to stand alone (VACUUM, CREATE DATABASE), and comes seldom.
func (m *naming) suits(s *driver.Statement) bool {
	return (len(s.Args) > 0 || s.Columns != nil) && len(s.Args) <= maxArgs
}

// of returns a connection's statements for one that may have a name, or nil.
func (m *naming) of(conn *pgx.Conn, s *driver.Statement) *statements {
	if !m.gives() || !m.suits(s) {
		return nil
	}
	return statementsOf(conn, m.limit)
}

// end has no names given from now on, and says so once.
func (m *naming) end(level slog.Level, reason string) {
	if !m.off.CompareAndSwap(false, true) {
		return
	}
	m.log.LogAttrs(context.Background(), level,
		"postgres: statements are not prepared by name here", slog.String("reason", reason))
}

// hear reads the answer to a connection's question.
func (m *naming) hear(c *statements, w *pgconn.Pipeline, pid uint32) error {
	if err := c.hear(w, pid); err != nil {
		if pg, is := errors.AsType[*pgconn.PgError](err); is && puzzled(pg) {
			m.end(slog.LevelWarn, "the server does not say whether they last: "+err.Error())
		}
		return err
	}
	m.answered.Store(true)
	if c.probe == fleeting {
		m.end(slog.LevelInfo, "a pooler stands between, which does not take care of them (PgBouncer does from 1.21 on, "+
			"with max_prepared_statements)")
	}
	return nil
}

// puzzled reports an answer that will be the same the next time: that the server, or what stands before it, has no
// such view or function, does not let us, or does not take the protocol for it
// (https://www.postgresql.org/docs/current/errcodes-appendix.html: classes 42, 0A and 08P01). Others come of what
// befell the connection.
func puzzled(e *pgconn.PgError) bool {
	return !fatal(e) && (strings.HasPrefix(e.Code, "42") || strings.HasPrefix(e.Code, "0A") || e.Code == "08P01")
}

// Names that are lost within so many uses are no gain, and after so many times of it they are
// given up.
const (
	fewUses    = 100
	maxStrikes = 3
)

// outdated reports whether a statement has not run because of what the server has, or has not,
// under its name. Sent again, it will.
func (m *naming) outdated(c *statements, n *statement, err error) bool {
	var pg *pgconn.PgError
	if n == nil || !errors.As(err, &pg) {
		return false
	}
	switch {
	case isChangedResult(pg), n.text == snapshotText && pg.Code == activeTransaction:
		c.forget(n)
	case pg.Code == noStatement:
		if c.uses >= fewUses {
			m.forgive()
		} else if m.strikes.Add(1) >= maxStrikes {
			m.end(slog.LevelWarn, "the server forgets them: something discards them, or a pooler hands out its servers in turn")
		}
		c.forgetAll()
	case pg.Code == statementExists:
		m.end(slog.LevelWarn, "a name that was never used exists: a pooler hands out its servers in turn")
		c.forget(n)
	default:
		return false
	}
	return true
}

// forgive takes one strike back.
func (m *naming) forgive() {
	if n := m.strikes.Load(); n > 0 {
		m.strikes.CompareAndSwap(n, n-1)
	}
}

const (
	noStatement     = "26000"
	statementExists = "42P05"

	// activeTransaction is what PostgreSQL before 13.13, 14.10 and 15.5 answers to a SET of the level that it has by
	// name, after a change of the search path: it takes a snapshot to look at it anew.
	activeTransaction = "25001"
)

// isChangedResult is "cached plan must not change result type", in any language.
func isChangedResult(pg *pgconn.PgError) bool {
	return pg.Code == "0A000" && pg.Routine == "RevalidateCachedQuery"
}
