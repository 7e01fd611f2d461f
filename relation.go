package rowhouse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/internal/model"
)

// Relation is how rows of the model T lead to rows of the model R: those of the same tenant, or of the
// common house, whose columns equal theirs. It is made by [BelongsTo], [HasOne], [HasMany],
// [ManyToMany] or [Through], beside the models, in package variables.
//
// Like a [Query] it is a value: each method returns a new one, narrowed, and leaves the old one as it
// was. So what is read can differ from place to place:
//
//	open := CaseComments.Where(CommentSpam.Eq(false)).OrderBy(CommentID.Desc()).Limit(3)
//	rows, err := Cases.In(acme).With(open.With(CommentAuthor)).All(ctx)
//
// The conditions that hold by default in R, its soft delete and its filters, hold for what a relation
// leads to as well. A Relation is used by many goroutines at once.
type Relation[T, R any] struct {
	b    *bond
	rows Query[R] // what is asked of the related rows, in no scope
	many func(*T) *[]R
	one  func(*T) **R
	link linker[T, R] // writes the rows of a join table; nil where there is none
}

// AnyRelation is a [Relation] of the model T to any other.
type AnyRelation[T any] interface {
	source() *model.Struct
	branch(*session) (branch[T], error)
	insertBefore(ctx context.Context, tx *Tx, rows []T) error
	insertAfter(ctx context.Context, tx *Tx, rows []T) error
}

var errNoRelation = errors.New("a Relation was not made by BelongsTo, HasOne, HasMany, ManyToMany or Through; " +
	"is it used before it is declared?")

// source is the model whose rows lead to others, nil of the zero Relation.
func (r Relation[T, R]) source() *model.Struct {
	if r.b == nil {
		return nil
	}
	return r.b.from
}

// bond is a relation without its types: the tables that it goes through, one after the other.
type bond struct {
	kind bondKind
	from *model.Struct
	legs []leg
	name string // that of its path in a statement
}

type bondKind uint8

const (
	belongsTo bondKind = iota
	hasOne
	hasMany
	through
)

var bondNames = [...]string{"BelongsTo", "HasOne", "HasMany", "Through"}

// leg leads from a table to the rows of another one whose columns equal its own.
type leg struct {
	to     *model.Struct
	on     []pair
	lifted []string // guards of the table reached that do not hold
}

// pair are the positions of two columns that are equal: of the row, and of the related row.
type pair struct{ from, to int }

// BelongsTo is the row whose key the column from has: from is the foreign key, to the primary or
// another unique key, in R. R may be of the common house.
//
//	CommentCase = rowhouse.BelongsTo(CommentCaseID, CaseID, func(c *Comment) **Case { return &c.Case })
//
// fn points to the field that [Query.With] fills in; it is tagged db:"-". It may be nil for a relation that is only
// asked about, or gone by. A foreign key that can be NULL is named by [Nullable].
//
// What does not fit together panics, here and in the other functions that make relations, as
// [MustDefine] does: columns of different kinds, a model of the common house that would lead to a
// tenant's.
func BelongsTo[T, R, V any](from Column[T, V], to Column[R, V], fn func(*T) **R) Relation[T, R] {
	return Relation[T, R]{b: directBond(belongsTo, from, to), rows: related[R](to.s), one: fn}
}

// HasOne is the row that has the key of this one: to is its foreign key, and should be unique. Of
// several, [Query.With] gives the first in the relation's order.
func HasOne[T, R, V any](from Column[T, V], to Column[R, V], fn func(*T) **R) Relation[T, R] {
	return Relation[T, R]{b: directBond(hasOne, from, to), rows: related[R](to.s), one: fn}
}

// HasMany are the rows that have the key of this one: to is their foreign key.
//
//	CaseComments = rowhouse.HasMany(CaseID, CommentCaseID, func(c *Case) *[]Comment { return &c.Comments })
//
// An index on to is yours to declare; without one, every read goes through all of its table.
func HasMany[T, R, V any](from Column[T, V], to Column[R, V], fn func(*T) *[]R) Relation[T, R] {
	return Relation[T, R]{b: directBond(hasMany, from, to), rows: related[R](to.s), many: fn}
}

// Through are the rows that one relation leads to from where another one leads: many to many by a join
// table that is a model, if the first has many and each of those belongs to one.
//
//	CaseTags = rowhouse.Through(CaseTaggings, TaggingTag, func(c *Case) *[]Tag { return &c.Tags })
//
// The relations are taken as they are: conditions, order or a limit on them are refused.
func Through[T, L, R any](first Relation[T, L], second Relation[L, R], fn func(*T) *[]R) Relation[T, R] {
	const what = "Through"
	mustBePlain(what, first.plain())
	mustBePlain(what, second.plain())
	if first.b.target() != second.b.from {
		panic(fmt.Sprintf("rowhouse: %s: the first relation leads to model %q, and the second from %q", what,
			first.b.target().Table.Name, second.b.from.Table.Name))
	}
	b := &bond{kind: through, from: first.b.from, legs: slices.Concat(first.b.legs, second.b.legs)}
	b.legs[len(first.b.legs)-1].lifted = first.rows.lifts()
	b.check(what)
	r := Relation[T, R]{b: b, rows: related[R](b.target()), many: fn}
	r.rows.deleted, r.rows.lifted = second.rows.deleted, second.rows.lifted
	if first.b.kind == hasMany && second.b.kind == belongsTo {
		r.link = &joinTable[T, L, R]{Model: &Model[L]{s: second.b.from}, first: first.b, second: second.b, lifted: first.rows.lifts()}
	}
	return r
}

func related[R any](s *model.Struct) Query[R] { return (&Model[R]{s: s}).In(nil).Query }

func directBond[T, R, V any](kind bondKind, from Column[T, V], to Column[R, V]) *bond {
	what := bondNames[kind]
	if from.s == nil || to.s == nil {
		panic("rowhouse: " + what + ": a Column was not made by Col; is it declared after the relation, in a function?")
	}
	b := &bond{kind: kind, from: from.s, legs: []leg{{to: to.s, on: []pair{{from.at, to.at}}}}}
	b.check(what)
	return b
}

// On adds a pair of columns that are equal too, for keys of several columns. It is for relations without
// a table between, and panics as [BelongsTo] does.
func (r Relation[T, R]) On(from AnyColumn[T], to AnyColumn[R]) Relation[T, R] {
	if r.b == nil {
		panic("rowhouse: Relation.On: " + errNoRelation.Error())
	}
	s, at := from.position()
	other, otherAt := to.position()
	what := bondNames[r.b.kind] + ".On"
	switch {
	case len(r.b.legs) > 1:
		panic("rowhouse: " + what + ": the columns of a relation by other tables are those of the relations that it is made of")
	case s != r.b.from || other != r.b.target():
		panic("rowhouse: " + what + ": the columns are of other models than the relation")
	}
	b := *r.b
	b.legs = []leg{{to: other, on: append(slices.Clip(r.b.legs[0].on), pair{at, otherAt})}}
	b.check(what)
	r.b = &b
	return r
}

// check panics if the columns do not fit together, and gives the relation its name.
func (b *bond) check(what string) {
	var name strings.Builder
	at := b.from
	for _, l := range b.legs {
		if at.Table.Common && !l.to.Table.Common {
			panic(fmt.Sprintf("rowhouse: %s: model %q belongs to no tenant, and cannot lead to %q, which is tenants'",
				what, at.Table.Name, l.to.Table.Name))
		}
		fmt.Fprintf(&name, "%s-%s", at.Table.Name, l.to.Table.Name)
		for i, p := range l.on {
			from, to := &at.Fields[p.from], &l.to.Fields[p.to]
			if from.Codec.Type.Kind != to.Codec.Type.Kind {
				panic(fmt.Sprintf("rowhouse: %s: column %s of %q is %s, but %s of %q is %s", what, from.Column, at.Table.Name,
					from.Codec.Type.Kind, to.Column, l.to.Table.Name, to.Codec.Type.Kind))
			}
			if slices.Contains(l.on[:i], p) {
				panic(fmt.Sprintf("rowhouse: %s: columns %s and %s are paired twice", what, from.Column, to.Column))
			}
			fmt.Fprintf(&name, " %s=%s", from.Column, to.Column)
		}
		name.WriteString(";")
		at = l.to
	}
	b.name = name.String()
}

func mustBePlain(what string, err error) {
	if err != nil {
		panic("rowhouse: " + what + ": " + err.Error())
	}
}

func (b *bond) target() *model.Struct { return b.legs[len(b.legs)-1].to }

// toMany reports whether a row can have several related ones.
func (b *bond) toMany() bool { return b.kind == hasMany || b.kind == through }

// hops are the legs as a statement has them; lifted are the guards that do not hold where it ends.
func (b *bond) hops(lifted []string) []dialect.Hop {
	hops := make([]dialect.Hop, len(b.legs))
	from := b.from
	for i, l := range b.legs {
		hops[i] = dialect.Hop{To: l.to.Table.Ref(), On: columnPairs(from, l), Lifted: l.lifted}
		from = l.to
	}
	hops[len(hops)-1].Lifted = lifted
	return hops
}

func columnPairs(from *model.Struct, l leg) []dialect.Pair {
	pairs := make([]dialect.Pair, len(l.on))
	for i, p := range l.on {
		pairs[i] = dialect.Pair{From: from.Fields[p.from].Column, To: l.to.Fields[p.to].Column}
	}
	return pairs
}

// narrowed is the relation with something more asked of its rows; of the zero Relation there are none.
func (r Relation[T, R]) narrowed(fn func(Query[R]) Query[R]) Relation[T, R] {
	if r.b != nil {
		r.rows = fn(r.rows)
	}
	return r
}

// Where keeps the related rows for which all predicates are true. A row without any stays, and has
// none: what a row's related rows must be is asked with [Relation.Has].
func (r Relation[T, R]) Where(ps ...Predicate[R]) Relation[T, R] {
	return r.narrowed(func(q Query[R]) Query[R] { return q.Where(ps...) })
}

// OrderBy orders the related rows of each row.
func (r Relation[T, R]) OrderBy(os ...Order[R]) Relation[T, R] {
	return r.narrowed(func(q Query[R]) Query[R] { return q.OrderBy(os...) })
}

// Limit returns at most n related rows for each row, the first in the relation's order, which is
// completed with the primary key.
func (r Relation[T, R]) Limit(n int) Relation[T, R] {
	r.rows = r.rows.Limit(n)
	return r
}

// With has the rows that relations of R lead to read, or written, with those that this one leads to.
func (r Relation[T, R]) With(rels ...AnyRelation[R]) Relation[T, R] {
	return r.narrowed(func(q Query[R]) Query[R] { return q.With(rels...) })
}

// WithDeleted includes related rows that are softly deleted.
func (r Relation[T, R]) WithDeleted() Relation[T, R] {
	r.rows.deleted = true
	return r
}

// Without lifts filters of R that hold by default, as [Table.Without] does.
func (r Relation[T, R]) Without(filters ...string) Relation[T, R] {
	r.rows.lifted = slices.Concat(r.rows.lifted, filters)
	return r
}

// Has is true for rows that have a related row for which all predicates, and those of [Relation.Where], are
// true; without any, for rows that have a related row at all.
func (r Relation[T, R]) Has(ps ...Predicate[R]) Predicate[T] {
	if r.b == nil {
		return Predicate[T]{operand{err: errNoRelation}}
	}
	q := r.rows.Where(ps...)
	o := operand{s: r.b.from, origins: q.origins, err: q.err}
	if q.limit >= 0 || len(q.order) > 0 {
		o.err = errors.Join(o.err, errors.New("Has asks for any related row: leave out OrderBy and Limit"))
	}
	if o.err != nil {
		return Predicate[T]{o}
	}
	has := dialect.Related{From: r.b.from.Table.Ref(), Key: r.b.from.Table.PrimaryKey, Hops: r.b.hops(q.lifts()), Joins: q.joins}
	if len(q.where) > 0 {
		has.Where = dialect.And(q.where)
	}
	o.expr = has
	return Predicate[T]{o}
}

// HasNo is true for rows that have no such related row.
func (r Relation[T, R]) HasNo(ps ...Predicate[R]) Predicate[T] { return Not(r.Has(ps...)) }

// Via is a value of the row that a relation leads to, as a value of the row itself, in predicates,
// orderings and what [Select] reads:
//
//	Comments.In(acme).OrderBy(rowhouse.Via(CommentCase, CaseTitle).Asc())
//
// It is NULL where there is no related row; [OrNull] or [Coalesce] give that a value. By a relation to
// many, a row has a value for each related row, which only Select can read: one result for each. Relations can follow one
// another: Via(A, Via(B, v)). They are joined once, however often they are named. Conditions on the
// relation are refused: they go into Where, by Via or Has.
func Via[T, R, V any](r Relation[T, R], v Value[R, V]) Expr[T, V] {
	if r.b == nil {
		return Expr[T, V]{operand{err: errNoRelation}}
	}
	o := valueOf(v).operand
	name := r.b.name
	switch err := r.plain(); {
	case o.aggregate:
		o.err = errors.Join(o.err, fmt.Errorf("Via: %s is an aggregate; make it of the value that Via gives", o.name))
	case o.s != nil && o.s != r.b.target():
		o.err = errors.Join(o.err, fmt.Errorf("Via: %s is of model %q, and the relation leads to %q",
			o.name, o.s.Table.Name, r.b.target().Table.Name))
	default:
		o.err = errors.Join(o.err, err)
	}
	if o.expr != nil {
		o.expr = dialect.Via{Relation: name, Operand: o.expr}
	}
	path := dialect.PathTo("", name)
	joins := []dialect.Join{{Path: path, Hops: r.b.hops(r.rows.lifts())}}
	for _, j := range o.joins {
		joins = append(joins, dialect.Join{Path: path + j.Path, From: path + j.From, Hops: j.Hops})
	}
	o.s, o.joins, o.nullable = r.b.from, joins, true
	o.many = o.many || r.b.toMany()
	return Expr[T, V]{o}
}

// plain returns what keeps a relation from being gone by as it is.
func (r Relation[T, R]) plain() error {
	if r.b == nil {
		return errNoRelation
	}
	if r.rows.err != nil {
		return r.rows.err
	}
	if q := r.rows; len(q.where) > 0 || len(q.order) > 0 || q.limit >= 0 || len(q.with) > 0 {
		return fmt.Errorf("the relation from %q to %q has conditions, an order, a limit or relations of its own; "+
			"use the relation as it was defined",
			r.b.from.Table.Name, r.b.target().Table.Name)
	}
	return nil
}

// writable is plain for writes, which go on to the relations of the related rows.
func (r Relation[T, R]) writable() error {
	r.rows.with = nil
	return r.plain()
}

// lifts are the guards that do not hold.
func (q Query[T]) lifts() []string {
	if q.deleted {
		return append(slices.Clip(q.lifted), dialect.Undeleted)
	}
	return q.lifted
}
