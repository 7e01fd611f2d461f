package rowhouse

import (
	"context"
	"errors"
	"strings"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// Explainable is a [Query], a [Table] or a [Projection].
type Explainable interface {
	explained(ctx context.Context) (session, func() (*dialect.Select, error), error)
}

// ExplainOptions say what [Explain] tells. The zero value asks for the plan alone.
type ExplainOptions struct {
	// Analyze runs the statement, and tells how long its parts took. SQLite refuses it with
	// [ErrUnsupported].
	Analyze bool
}

// Explain returns how the database means to find what a query or a projection asks for, in the
// database's own words: it is for people. The statement is the one that All runs, wall and all; its
// arguments are in no text but the database's own.
func Explain(ctx context.Context, of Explainable, o ExplainOptions) (string, error) {
	if of == nil {
		return "", &StatementError{Op: "explain", Reason: ErrInvalid, message: "the query is nil"}
	}
	s, selection, err := of.explained(ctx)
	if err != nil {
		return "", err
	}
	var text string
	err = s.within(ctx, func() error {
		sel, err := selection()
		if err != nil {
			return err
		}
		plan := &dialect.Explain{Statement: sel, Analyze: o.Analyze}
		t, err := s.m.text(plan)
		if errors.Is(err, dialect.ErrNoAnalyze) {
			return &StatementError{Reason: ErrUnsupported, message: s.db.d.Name() + " tells no figures of a plan; leave Analyze out"}
		}
		if err != nil {
			return err
		}
		rows, err := s.query(ctx, t, source{}, nil, false)
		if err != nil {
			return err
		}
		text, err = planText(rows)
		return err
	})
	return text, err
}

func (q Query[T]) explained(ctx context.Context) (session, func() (*dialect.Select, error), error) {
	s, err := q.open(ctx, "explain")
	return s, func() (*dialect.Select, error) { return q.selection(&s) }, err
}

func (s Projection[T, R]) explained(ctx context.Context) (session, func() (*dialect.Select, error), error) {
	session, err := s.open(ctx, "explain")
	return session, func() (*dialect.Select, error) { return s.selection(&session) }, err
}

// planText reads the plan: one line or one document a row, or, as SQLite tells it, a node with its
// number and its parent's.
func planText(rows driver.Rows) (text string, err error) {
	defer func() {
		if closed := rows.Close(); err == nil {
			err = closed
		}
	}()
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	var (
		id, parent int64
		line       string
		unused     *string
		depths     = map[int64]int{}
		dest       = []any{&line}
		s          strings.Builder
	)
	if len(columns) == 4 {
		dest = []any{&id, &parent, &unused, &line}
	}
	for rows.Next() {
		if err := rows.Scan(dest); err != nil {
			return "", err
		}
		if len(columns) == 4 {
			depths[id] = depths[parent] + 1
			s.WriteString(strings.Repeat("  ", depths[id]-1))
		}
		s.WriteString(line)
		s.WriteByte('\n')
	}
	return s.String(), rows.Err()
}
