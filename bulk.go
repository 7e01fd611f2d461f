package rowhouse

import (
	"context"
	"errors"
	"slices"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/internal/model"
)

// How many rows go at once. One INSERT with a value for each argument is bounded by what its rows weigh, so
// that every server takes it (MySQL's max_allowed_packet is 16 MiB or more), by the arguments that the
// engine takes, and by a number of rows: on a loopback, ten statements of a thousand take about as long as
// twenty of 500, and half as long as one of 10,000, whose text takes its time to be parsed
// (BenchmarkInsertManyValues). Lists are bounded by the memory that their copies take, far below the 1 GiB of a
// message and of a list (https://www.postgresql.org/docs/current/limits.html). From copyFrom rows on, what COPY
// saves is more than the round trip that it costs.
const (
	rowsAtOnce      = 1000
	bytesAtOnce     = 4 << 20
	listsAtOnce     = 10_000
	listBytesAtOnce = 64 << 20
	copyFrom        = 500
)

// What a value weighs that has a bound, in bytes, with what is around it.
const weightOfFixed = 64

// scales weigh rows by some of their columns, about: each value has a part that is the same for all, and texts
// and the like have their length.
type scales struct {
	fixed          int
	plain, encoded []*model.Field
}

func (m *mapping) scales(at []int) (s scales) {
	s.fixed = weightOfFixed * (len(at) + 1)
	for _, p := range at {
		switch f := &m.s.Fields[p]; f.Weight() {
		case model.WeightPlain:
			s.plain = append(s.plain, f)
		case model.WeightEncoded:
			s.encoded = append(s.encoded, f)
		}
	}
	return s
}

// weigh returns what a row weighs in a statement. Values that have to be encoded for that stand for as many
// rows, or are left out.
func (s *scales) weigh(base unsafe.Pointer, rows int) int {
	weight := s.fixed
	for _, f := range s.plain {
		weight += f.TextLen(base)
	}
	if rows > 0 {
		for _, f := range s.encoded {
			weight += rows * f.EncodedLen(base)
		}
	}
	return weight
}

// sampled is how many rows one stands for whose values are encoded to be weighed: lists are far from what a
// server takes, so that it is enough to know about how heavy they are.
const sampled = 16

// fitting is how many of the first rows a statement takes with these of their columns, one at least, up to
// one that is nil.
func (m *mapping) fitting(at []int, rows int, row func(i int) unsafe.Pointer) int {
	most, bytes, every := m.atOnce()
	scales, weight := m.scales(at), 0
	for n := range min(rows, most) {
		base := row(n)
		if base == nil {
			return n
		}
		stands := 0
		if n%every == 0 {
			stands = every
		}
		if weight += scales.weigh(base, stands); weight > bytes && n > 0 {
			return n
		}
	}
	return min(rows, most)
}

// lists reports whether rows can be written as a list for each column. The lists of a type that has no
// kind cannot be told from other arrays.
func (m *mapping) lists() bool {
	return m.d.Has(dialect.Arrays) && !slices.Contains(m.kinds, dialect.Other)
}

// renderMany writes the statements for many rows, whose texts are the same for any number of them.
func (m *mapping) renderMany(text func(dialect.Statement) *dialect.Template) {
	if !m.lists() {
		return
	}
	m.insertMany = text(m.inserting(m.all(), nil, false))
	if m.s.Auto >= 0 {
		m.insertManyAuto = text(m.inserting(m.given(), nil, true))
	}
	if _, ok := m.d.(dialect.Copier); ok {
		m.copy = text(&dialect.Copy{Into: m.ref, Columns: m.names(m.all())})
	}
}

// atOnce is how many rows one statement takes, what they may weigh, and of how many one is weighed whole.
func (m *mapping) atOnce() (rows, bytes, every int) {
	if m.lists() {
		return listsAtOnce, listBytesAtOnce, sampled
	}
	return max(1, min(rowsAtOnce, m.d.MaxArgs()/(len(m.s.Fields)+1))), bytesAtOnce, 1
}

// insertMany writes rows of a model whose columns can be lists. RETURNING gives keys in no order that
// is promised; see [session.insertKeyed].
func (s *session) insertMany(ctx context.Context, bases []unsafe.Pointer, auto bool) error {
	if auto {
		return s.insertKeyed(ctx, s.m.insertManyAuto, source{rows: bases}, bases)
	}
	if s.copying(len(bases)) && (s.tx != nil || s.own != nil) {
		if err := s.copyRows(ctx, bases); !errors.Is(err, driver.ErrNotCopied) {
			return err
		}
	}
	_, err := s.exec(ctx, s.m.insertMany, source{rows: bases})
	return err
}

// copying reports whether so many rows that have their keys are copied. Row-level security refuses to be copied
// past.
func (s *session) copying(rows int) bool {
	return s.m.copy != nil && rows >= copyFrom && !s.db.secured(s.house)
}

// copies reports whether rows are copied all at once, which takes no memory and so needs no weighing. In a
// transaction each statement's are encoded before the first is sent.
func (s *session) copies(bases []unsafe.Pointer) bool {
	return s.tx == nil && s.own == nil && s.copying(len(bases)) && !slices.ContainsFunc(bases, s.makesKey)
}

func (s *session) copyRows(ctx context.Context, bases []unsafe.Pointer) error {
	st, err := s.statement(s.m.copy, source{})
	if err != nil {
		return err
	}
	insert := s.m.insert
	one, err := s.statement(insert, source{row: bases[0]})
	if err != nil {
		return err
	}
	st.Write = true
	many := driver.Many{
		Statement: *st, Insert: one.Text, Rows: len(bases),
		Row: func(i int) ([]dialect.Arg, error) { return one.Args, s.fill(one.Args, insert, source{row: bases[i]}) },
	}
	runner := s.runner
	if p, ok := runner.(*pool); ok {
		runner = p.DB // which may be more than a driver.DB
	}
	sent := s.db.sending(s.op, s.id, s.model, s.house, st)
	timed, stop := s.timed(ctx)
	defer stop()
	r, err := driver.Copy(timed, runner, &many)
	err = s.overtime(timed, err)
	if !errors.Is(err, driver.ErrNotCopied) {
		sent.done(ctx, r.Rows, err)
	}
	return err
}
