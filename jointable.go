package rowhouse

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/internal/model"
)

// ManyToMany are the rows that a row is linked to by a join table that needs no model of its own:
//
//	CaseTags = rowhouse.ManyToMany(CaseID, TagID, "case_tag", func(c *Case) *[]Tag { return &c.Tags })
//
// The table, whose model [Relation.JoinTable] returns for [Options.Models], has a column for each key,
// named by its model and the column (case_id, tag_id; of a model to itself the second is related_case_id),
// both of them its primary key, and foreign keys that delete its rows with those that they link. from
// and to are primary or unique keys of one column; for others, and for a join table with more columns,
// there is [Through]. It panics as [BelongsTo] does.
func ManyToMany[T, R, V, W any](from Column[T, V], to Column[R, W], table string, fn func(*T) *[]R) Relation[T, R] {
	own, other := from.o.get().s, to.o.get().s
	if own == nil || other == nil {
		panic("rowhouse: ManyToMany: a Column was not made by Col")
	}
	s := defineJoin(table, own, from.at, other, to.at)
	first := Relation[T, model.Record]{
		b:    &bond{kind: hasMany, from: own, legs: []leg{{to: s, on: []pair{{from.at, 0}}}}},
		rows: related[model.Record](s),
	}
	second := Relation[model.Record, R]{
		b:    &bond{kind: belongsTo, from: s, legs: []leg{{to: other, on: []pair{{1, to.at}}}}},
		rows: related[R](other),
	}
	return Through(first, second, fn)
}

// defineJoin makes the model of a join table.
func defineJoin(table string, from *model.Struct, fromAt int, to *model.Struct, toAt int) *model.Struct {
	names := [2]string{
		from.Table.Name + "_" + from.Fields[fromAt].Column, to.Table.Name + "_" + to.Fields[toAt].Column,
	}
	if names[0] == names[1] {
		names[1] = "related_" + names[1]
	}
	fields := make([]reflect.StructField, 2)
	for i, end := range []struct {
		s  *model.Struct
		at int
	}{{from, fromAt}, {to, toAt}} {
		f := &end.s.Fields[end.at]
		tag := fmt.Sprintf("%s,pk,ref:%s.%s,ondelete:cascade", names[i], end.s.Table.Name, f.Column)
		if i == 1 {
			tag += ",index" // the primary key leads with the other
		}
		fields[i] = reflect.StructField{Name: [2]string{"From", "To"}[i], Type: f.Type, Tag: reflect.StructTag(`db:"` + tag + `"`)}
	}
	s, mistakes := model.CompileRecord(reflect.StructOf(fields), table)
	if len(mistakes) > 0 {
		var text []string
		for _, m := range mistakes {
			text = append(text, m.Problem)
		}
		panic(fmt.Sprintf("rowhouse: ManyToMany: join table %q: %s", table, strings.Join(text, "; ")))
	}
	s.Table.Columns[0].Type = from.Table.Columns[fromAt].Type
	s.Table.Columns[1].Type = to.Table.Columns[toAt].Type
	return s
}

// JoinTable returns the model of the table between, for [Options.Models], or nil for a relation without
// one.
func (r Relation[T, R]) JoinTable() AnyModel {
	if r.link == nil {
		return nil
	}
	return r.link.table()
}

// Inverse is the same relation from its other end: the rows that are linked to a row of R. It is for
// relations by a join table, and panics for others.
func (r Relation[T, R]) Inverse(fn func(*R) *[]T) Relation[R, T] {
	if r.link == nil {
		panic("rowhouse: Inverse: only a relation by a join table has one; name the other end of a foreign key with BelongsTo or HasMany")
	}
	return r.link.inverse(fn)
}

// linker writes the rows of a join table.
type linker[T, R any] interface {
	table() AnyModel
	inverse(fn func(*R) *[]T) Relation[R, T]
	insert(ctx context.Context, tx *Tx, rows []T, held func(*T) []*R) error
	add(ctx context.Context, tx *Tx, row *T, rows []*R) error
	remove(ctx context.Context, tx *Tx, row *T, rows []*R) error
	clear(ctx context.Context, tx *Tx, row *T, keep []*R) error
}

// joinTable is the table between T and R, of the model L.
type joinTable[T, L, R any] struct {
	*Model[L]

	first, second *bond    // T has many L, L belongs to R
	lifted        []string // guards of L that do not hold
}

// links are the rows of the join table, as the relation sees them.
func (j *joinTable[T, L, R]) links(tx *Tx) Table[L] {
	t := j.In(tx)
	t.lifted = j.lifted
	return t
}

func (j *joinTable[T, L, R]) table() AnyModel { return j.Model }

func (j *joinTable[T, L, R]) inverse(fn func(*R) *[]T) Relation[R, T] {
	swapped := func(b *bond, kind bondKind) *bond {
		on := make([]pair, len(b.legs[0].on))
		for i, p := range b.legs[0].on {
			on[i] = pair{p.to, p.from}
		}
		return &bond{kind: kind, from: b.target(), legs: []leg{{to: b.from, on: on}}}
	}
	first, second := swapped(j.second, hasMany), swapped(j.first, belongsTo)
	between := related[L](j.s)
	between.lifted = j.lifted
	return Through(Relation[R, L]{b: first, rows: between}, Relation[L, T]{b: second, rows: related[T](j.first.from)}, fn)
}

// ends are the fields of a join table on one side, and of the row that they refer to.
func ends(b *bond, outward bool) (own, other []*model.Field) {
	for _, p := range b.legs[0].on {
		from, to := &b.from.Fields[p.from], &b.target().Fields[p.to]
		if outward {
			own, other = append(own, from), append(other, to)
		} else {
			own, other = append(own, to), append(other, from)
		}
	}
	return own, other
}

// linking is true for the rows of the join table whose fields have one of the keys that rows have.
func (j *joinTable[T, L, R]) linking(own, other []*model.Field, rows []unsafe.Pointer) (Predicate[L], error) {
	columns := make([]dialect.Expr, len(own))
	for i, f := range own {
		columns[i] = dialect.Ref{Table: j.s.Table.Name, Column: f.Column}
	}
	keys := make([][]dialect.Arg, len(rows))
	for i, row := range rows {
		for _, f := range other {
			v, err := f.Arg(row)
			if err != nil {
				return Predicate[L]{}, invalid("%v", err)
			}
			keys[i] = append(keys[i], dialect.Arg{Value: v, Kind: f.Codec.Type.Kind})
		}
	}
	if len(keys) == 0 {
		return conditionOf[L](operand{s: j.s, expr: dialect.Truth(false)}), nil
	}
	return conditionOf[L](operand{s: j.s, expr: among(columns, keys)}), nil
}

// from is true for the links of a row.
func (j *joinTable[T, L, R]) from(row *T) (Predicate[L], error) {
	own, other := ends(j.first, false)
	return j.linking(own, other, []unsafe.Pointer{unsafe.Pointer(row)})
}

// to is true for the links to rows.
func (j *joinTable[T, L, R]) to(rows []*R) (Predicate[L], error) {
	own, other := ends(j.second, true)
	return j.linking(own, other, pointers(rows))
}

func pointers[R any](rows []*R) []unsafe.Pointer {
	list := make([]unsafe.Pointer, len(rows))
	for i, row := range rows {
		list[i] = unsafe.Pointer(row)
	}
	return list
}

func (j *joinTable[T, L, R]) both(row *T, rows []*R) (Predicate[L], error) {
	from, err := j.from(row)
	if err != nil {
		return from, err
	}
	to, err := j.to(rows)
	return And(from, to), err
}

// insert links new rows, which nothing is linked to yet, to what they hold.
func (j *joinTable[T, L, R]) insert(ctx context.Context, tx *Tx, rows []T, held func(*T) []*R) error {
	var links []L
	for i := range rows {
		some, err := j.between(&rows[i], held(&rows[i]), map[any]bool{})
		if err != nil {
			return err
		}
		links = append(links, some...)
	}
	return j.In(tx).InsertMany(ctx, links)
}

// add links what is not linked yet. A link that was softly deleted is there again.
func (j *joinTable[T, L, R]) add(ctx context.Context, tx *Tx, row *T, rows []*R) error {
	linked := map[any]bool{}
	for some := range slices.Chunk(rows, parentsAtOnce/len(j.second.legs[0].on)) {
		if err := j.find(ctx, tx, row, some, linked); err != nil {
			return err
		}
	}
	links, err := j.between(row, rows, linked)
	if err != nil {
		return err
	}
	return j.In(tx).InsertMany(ctx, links)
}

// find notes which of the rows are linked.
func (j *joinTable[T, L, R]) find(ctx context.Context, tx *Tx, row *T, rows []*R, linked map[any]bool) error {
	where, err := j.both(row, rows)
	if err != nil {
		return err
	}
	links := j.links(tx).WithDeleted()
	there, err := links.Where(where).All(ctx)
	if err != nil {
		return err
	}
	own, _ := ends(j.second, true)
	var gone []*L
	for i := range there {
		if at := j.s.SoftDelete; at >= 0 && !j.s.Fields[at].Zero(unsafe.Pointer(&there[i])) {
			gone = append(gone, &there[i])
			continue
		}
		key, err := keyIn(own, unsafe.Pointer(&there[i]))
		if err != nil {
			return err
		}
		linked[key] = true
	}
	return j.revive(ctx, links, gone, linked)
}

// revive takes back that links were deleted.
func (j *joinTable[T, L, R]) revive(ctx context.Context, links Table[L], gone []*L, linked map[any]bool) error {
	own, _ := ends(j.second, true)
	for _, link := range gone {
		key, err := keyIn(own, unsafe.Pointer(link))
		if err != nil {
			return err
		}
		if linked[key] {
			continue
		}
		linked[key] = true
		at := j.s.SoftDelete
		if err := j.s.Fields[at].Put(unsafe.Pointer(link), nil); err != nil {
			return err
		}
		if err := links.Update(ctx, link, columnOf{j.s, at}); err != nil {
			return err
		}
	}
	return nil
}

// between makes the rows between a row and those that are not linked to it, each once.
func (j *joinTable[T, L, R]) between(row *T, rows []*R, linked map[any]bool) (links []L, err error) {
	_, other := ends(j.second, true)
	for _, to := range rows {
		key, err := keyIn(other, unsafe.Pointer(to))
		if err != nil {
			return nil, err
		}
		if linked[key] {
			continue
		}
		linked[key] = true
		var link L
		if err := j.aim(&link, row, to); err != nil {
			return nil, err
		}
		links = append(links, link)
	}
	return links, nil
}

// aim has a new link lead from a row to another.
func (j *joinTable[T, L, R]) aim(link *L, row *T, to *R) error {
	put := func(own, other []*model.Field, source unsafe.Pointer) error {
		for i, f := range own {
			v, err := other[i].Arg(source)
			if err == nil {
				err = f.Put(unsafe.Pointer(link), v)
			}
			if err != nil {
				return invalid("the key does not fit into %s of model %q", f, j.s.Table.Name)
			}
		}
		return nil
	}
	own, other := ends(j.first, false)
	if err := put(own, other, unsafe.Pointer(row)); err != nil {
		return err
	}
	own, other = ends(j.second, true)
	return put(own, other, unsafe.Pointer(to))
}

func (j *joinTable[T, L, R]) remove(ctx context.Context, tx *Tx, row *T, rows []*R) error {
	_, other := ends(j.second, true)
	distinct := map[any]bool{}
	for _, to := range rows {
		key, err := keyIn(other, unsafe.Pointer(to))
		if err != nil {
			return err
		}
		distinct[key] = true
	}
	var n int64
	for some := range slices.Chunk(rows, parentsAtOnce/len(other)) {
		where, err := j.both(row, some)
		if err != nil {
			return err
		}
		deleted, err := j.links(tx).DeleteWhere(ctx, where)
		if err != nil {
			return err
		}
		n += deleted
	}
	if n < int64(len(distinct)) {
		return queryFail(j.In(tx).Query, "relate", ErrNotFound)
	}
	return nil
}

func (j *joinTable[T, L, R]) clear(ctx context.Context, tx *Tx, row *T, keep []*R) error {
	from, err := j.from(row)
	if err != nil {
		return err
	}
	kept, err := j.to(keep)
	if err != nil {
		return err
	}
	_, err = j.links(tx).DeleteWhere(ctx, And(from, Not(kept)))
	return err
}
