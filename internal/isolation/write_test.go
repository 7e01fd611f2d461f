package isolation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
)

// draft is a row to be written; which row it refers to is found when that happens.
type draft[T any] struct {
	row   T
	refer int
}

func drawDraft[T any](k *kind[T]) *rapid.Generator[draft[T]] {
	return rapid.Custom(func(t *rapid.T) draft[T] { return draft[T]{k.draw(t), pick().Draw(t, "refer")} })
}

func (w draft[T]) settle(d *desk, k *kind[T]) T {
	row := w.row
	k.refer(d.model, &row, w.refer)
	*k.canary(&row) = canary(d.at.id)
	return row
}

// attempt is what the model becomes if the rows are written so, and the errors that forbid it.
func (d *desk) attempt(change func(*store)) (next *store, why []error) {
	next = d.model.clone()
	change(next)
	return next, next.broken(d.s.engine.limits)
}

// insertAct inserts rows, each by itself or many at once.
type insertAct[T any] struct {
	k      *kind[T]
	drafts []draft[T]
	many   bool
}

func drawInsert[T any](k *kind[T]) *rapid.Generator[act] {
	return rapid.Custom(func(t *rapid.T) act {
		many := rapid.IntRange(0, 2).Draw(t, "many") == 0
		least, most := 1, 1
		if many {
			least, most = 0, 5
		}
		return insertAct[T]{k, rapid.SliceOfN(drawDraft(k), least, most).Draw(t, "rows"), many}
	})
}

func (a insertAct[T]) String() string {
	return fmt.Sprintf("insert of %d %s (many %v): %s", len(a.drafts), a.k.model.Name(), a.many, show(a.rows()))
}

func (a insertAct[T]) rows() (rows []T) {
	for _, w := range a.drafts {
		rows = append(rows, w.row)
	}
	return rows
}

func (a insertAct[T]) run(d *desk) (failed, wrong error) {
	asked, rows := make([]T, len(a.drafts)), make([]T, len(a.drafts))
	for i, w := range a.drafts {
		asked[i] = w.settle(d, a.k)
		rows[i] = asked[i]
	}
	why := a.forbidden(d, asked)
	var err error
	if a.many {
		err = a.k.model.In(d.scope).InsertMany(d.ctx, rows)
	} else {
		err = a.k.model.In(d.scope).Insert(d.ctx, &rows[0])
	}
	if len(why) == 0 && errors.Is(err, rowhouse.ErrConflict) && a.guessed(asked) {
		why = append(why, rowhouse.ErrConflict)
	}
	ok, failed, wrong := d.judge(err, why...)
	if !ok {
		return failed, wrong
	}
	for i := range rows {
		if text := a.k.filled(d, &rows[i], &asked[i]); text != "" {
			return mismatch("%s", text)
		}
		a.k.rows(d.model)[a.k.key(&rows[i])] = rows[i]
	}
	return nil, nil
}

// guessed reports whether a row has a key that the database may have made a moment before, for
// one that came earlier in the same call.
func (a insertAct[T]) guessed(rows []T) bool {
	var zero T
	made := false
	for i := range rows {
		open := a.k.key(&rows[i]) == a.k.key(&zero)
		if made && !open {
			return true
		}
		made = made || open && a.k.made
	}
	return false
}

// forbidden are the errors that the rows may end in. A key that is yet to be made is not taken,
// so rows without one are kept apart under keys that no row has.
func (a insertAct[T]) forbidden(d *desk, rows []T) []error {
	var taken []error
	var zero T
	_, why := d.attempt(func(s *store) {
		for i := range rows {
			key := a.k.key(&rows[i])
			if key == a.k.key(&zero) && a.k.made {
				key = fmt.Sprintf("new %d", i)
			}
			if _, is := a.k.rows(s)[key]; is {
				taken = append(taken, rowhouse.ErrConflict)
				key = fmt.Sprintf("again %d", i) // what else is wrong with it may be said first
			}
			a.k.rows(s)[key] = rows[i]
		}
	})
	return append(why, taken...)
}

// updateAct writes the row that it picks: all columns or some.
type updateAct[T any] struct {
	k       *kind[T]
	pick    int
	to      draft[T]
	named   []int // among the kind's fields
	stale   bool
	deleted bool
}

func drawUpdate[T any](k *kind[T]) *rapid.Generator[act] {
	return rapid.Custom(func(t *rapid.T) act {
		return updateAct[T]{
			k: k, pick: pick().Draw(t, "pick"), to: drawDraft(k).Draw(t, "to"),
			named:   rapid.SliceOfNDistinct(rapid.IntRange(0, len(k.fields)-1), 0, 2, rapid.ID).Draw(t, "named"),
			stale:   rapid.IntRange(0, 6).Draw(t, "stale") == 0,
			deleted: rapid.IntRange(0, 3).Draw(t, "deleted") == 0,
		}
	})
}

func (a updateAct[T]) String() string {
	return fmt.Sprintf("update of %s %d to %s, columns %v, stale %v, deleted %v",
		a.k.model.Name(), a.pick, show(a.to.row), a.named, a.stale, a.deleted)
}

// old returns the row as the application has it: with a version that it no longer has, if that
// is asked for. why is the error that there must be if it is to be changed.
func old[T any](d *desk, k *kind[T], other T, n int, stale, deleted bool) (row T, why []error) {
	row, ok := pickOf(k.rows(d.model), n)
	if !ok {
		row = other
		*k.canary(&row) = canary(d.at.id)
		row, ok = ifThere(k, d.model, row)
	}
	alive := ok && k.matches(&row, nil, deleted)
	if stale {
		k.bump(&row)
	}
	switch {
	case !alive:
		why = []error{rowhouse.ErrNotFound}
	case stale && k.version(&row) != 0:
		why = []error{rowhouse.ErrStale}
	}
	return row, why
}

func ifThere[T any](k *kind[T], s *store, row T) (T, bool) {
	if there, ok := k.rows(s)[k.key(&row)]; ok {
		return there, true
	}
	return row, false
}

func (a updateAct[T]) run(d *desk) (failed, wrong error) {
	row, why := old(d, a.k, a.to.row, a.pick, a.stale, a.deleted)
	to := a.to.settle(d, a.k)
	var columns []rowhouse.AnyColumn[T]
	for i, f := range a.k.fields {
		if len(a.named) == 0 && f.column.Name() == "deleted_at" {
			continue // only by its name
		}
		if len(a.named) == 0 || slices.Contains(a.named, i) {
			f.copy(&row, &to)
		}
	}
	for _, i := range a.named {
		columns = append(columns, a.k.fields[i].column)
	}
	_, broken := d.attempt(func(s *store) { a.k.rows(s)[a.k.key(&row)] = row })
	if len(why) == 0 {
		why = broken
	} else if isAny(rowhouse.ErrTooLong, broken) {
		why = append(why, rowhouse.ErrTooLong) // PostgreSQL says so before it looks for the row
	}
	table := a.k.model.In(d.scope)
	if a.deleted {
		table = table.WithDeleted()
	}
	given := row
	err := table.Update(d.ctx, &row, columns...)
	ok, failed, wrong := d.judge(err, why...)
	if wrong != nil || !ok {
		if text := difference(&given, &row); err != nil && text != "" && wrong == nil {
			return mismatch("after a failed update the %s", text)
		}
		return failed, wrong
	}
	return a.k.written(d, &given, &row)
}

// written checks what an update has made of the row that it was given, and has the model take it.
func (k *kind[T]) written(d *desk, given, row *T) (failed, wrong error) {
	want := *given
	k.bump(&want)
	if at := k.touched(row); !at.IsZero() {
		if !d.recent(at) {
			return mismatch("updated at %v", at)
		}
		k.touch(&want, at)
	}
	if text := difference(&want, row); text != "" {
		return mismatch("%s", text)
	}
	k.rows(d.model)[k.key(row)] = *row
	return nil, nil
}

// deleteAct deletes the row that it picks: softly where the model does so, or for good.
type deleteAct[T any] struct {
	k     *kind[T]
	pick  int
	other T
	stale bool
	purge bool
}

func drawDelete[T any](k *kind[T]) *rapid.Generator[act] {
	return rapid.Custom(func(t *rapid.T) act {
		return deleteAct[T]{
			k: k, pick: pick().Draw(t, "pick"), other: k.draw(t),
			stale: rapid.IntRange(0, 6).Draw(t, "stale") == 0, purge: rapid.Bool().Draw(t, "purge"),
		}
	})
}

func (a deleteAct[T]) String() string {
	return fmt.Sprintf("delete of %s %d, stale %v, purge %v", a.k.model.Name(), a.pick, a.stale, a.purge)
}

func (a deleteAct[T]) run(d *desk) (failed, wrong error) {
	soft := a.k.deleted != nil && !a.purge
	row, why := old(d, a.k, a.other, a.pick, a.stale, !soft)
	given := row
	next := d.model
	if !soft && len(why) == 0 {
		next, why = d.attempt(func(s *store) {
			delete(a.k.rows(s), a.k.key(&row))
			s.cascade()
		})
	}
	table := a.k.model.In(d.scope)
	var err error
	if a.purge {
		err = table.Purge(d.ctx, &row)
	} else {
		err = table.Delete(d.ctx, &row)
	}
	ok, failed, wrong := d.judge(err, why...)
	if !ok {
		if text := difference(&given, &row); err != nil && text != "" && wrong == nil {
			return mismatch("after a failed delete the %s", text)
		}
		return failed, wrong
	}
	if !soft {
		d.model.become(next)
		return nil, nil
	}
	at := *a.k.deleted(&row)
	if at == nil || !d.recent(*at) {
		return mismatch("deleted at %v", at)
	}
	*a.k.deleted(&given) = at
	return a.k.written(d, &given, &row)
}

// upsertAct writes a row over the one that has its key, or as a new one.
type upsertAct[T any] struct {
	k      *kind[T]
	to     draft[T]
	over   int // the row whose key it has, if there is one
	unique bool
	keyed  bool // it has the key of that row
}

func drawUpsert[T any](k *kind[T]) *rapid.Generator[act] {
	return rapid.Custom(func(t *rapid.T) act {
		return upsertAct[T]{
			k: k, to: drawDraft(k).Draw(t, "to"), over: pick().Draw(t, "over"),
			unique: k.unique != nil && rapid.Bool().Draw(t, "unique"), keyed: rapid.Bool().Draw(t, "keyed"),
		}
	})
}

func (a upsertAct[T]) String() string {
	return fmt.Sprintf("upsert of %s %s, by unique key %v, over %d: %v",
		a.k.model.Name(), show(a.to.row), a.unique, a.over, a.keyed)
}

func (a upsertAct[T]) run(d *desk) (failed, wrong error) {
	row := a.to.settle(d, a.k)
	if over, ok := pickOf(a.k.rows(d.model), a.over); ok && a.keyed {
		for _, f := range a.k.keyed {
			f.copy(&row, &over)
		}
	}
	asked := row
	there, exists, clash := a.target(d, &row)
	why := insertAct[T]{k: a.k}.forbidden(d, []T{row})
	var want T
	if exists {
		want = a.becomes(there, row)
		_, why = d.attempt(func(s *store) { a.k.rows(s)[a.k.key(&want)] = want })
	}
	var by []rowhouse.AnyColumn[T]
	if a.unique {
		by = a.k.unique
	}
	err := a.k.model.In(d.scope).Upsert(d.ctx, &row, by...)
	if clash && err != nil {
		why = append(why, rowhouse.ErrConflict) // an engine may see either key first
	}
	ok, failed, wrong := d.judge(err, why...)
	if wrong == nil && err == nil {
		wrong = own(d, a.k, []T{row})
	}
	if !ok || wrong != nil {
		return failed, wrong
	}
	if exists {
		return a.k.written(d, &want, &row)
	}
	if text := a.k.filled(d, &row, &asked); text != "" {
		return mismatch("%s", text)
	}
	a.k.rows(d.model)[a.k.key(&row)] = row
	return nil, nil
}

// target is the row that is there already. clash says that another one has the row's primary
// key, while it goes by the unique one.
func (a upsertAct[T]) target(d *desk, row *T) (there T, exists, clash bool) {
	byKey, has := a.k.rows(d.model)[a.k.key(row)]
	if !a.unique {
		return byKey, has, false
	}
	for _, r := range a.k.rows(d.model) {
		if a.k.same(&r, row) {
			return r, true, has && a.k.key(&byKey) != a.k.key(&r)
		}
	}
	return there, false, false
}

// becomes is the row that becomes of one that was there: its keys and its created time stay.
func (a upsertAct[T]) becomes(there, row T) T {
	want := a.k.defaults(row)
	for _, f := range a.k.keyed {
		f.copy(&want, &there)
	}
	a.k.keep(&want, &there)
	return want
}

// whereAct changes or deletes the rows that match.
type whereAct[T any] struct {
	k       *kind[T]
	cond    cond[T]
	sets    []set[T] // none deletes
	deleted bool
}

func drawWhere[T any](k *kind[T]) *rapid.Generator[act] {
	return rapid.Custom(func(t *rapid.T) act {
		fields := slices.Concat(k.fields, k.keyed)
		a := whereAct[T]{
			k: k, cond: condition(fields, 2).Draw(t, "where"),
			deleted: rapid.IntRange(0, 3).Draw(t, "deleted") == 0,
		}
		if rapid.IntRange(0, 2).Draw(t, "delete") > 0 {
			which := rapid.SliceOfNDistinct(rapid.IntRange(0, len(k.fields)-1), 1, 2, rapid.ID).Draw(t, "columns")
			for _, i := range which {
				a.sets = append(a.sets, k.fields[i].sets.Draw(t, "set"))
			}
		}
		return a
	})
}

func (a whereAct[T]) String() string {
	text := "delete where "
	if len(a.sets) > 0 {
		text = "update"
		for _, s := range a.sets {
			text += " " + s.text
		}
		text += " where "
	}
	return fmt.Sprintf("%s of %s: %s, deleted %v", text, a.k.model.Name(), a.cond.text, a.deleted)
}

func (a whereAct[T]) run(d *desk) (failed, wrong error) {
	var matched []string
	for key, row := range a.k.rows(d.model) {
		if a.k.matches(&row, []cond[T]{a.cond}, a.deleted) {
			matched = append(matched, key)
		}
	}
	next, why := d.attempt(func(s *store) {
		for _, key := range matched {
			a.change(s, key)
		}
		if len(a.sets) == 0 {
			s.cascade()
		}
	})
	if a.cond.empty {
		why = []error{rowhouse.ErrInvalid}
	}
	n, err := a.call(d)
	ok, failed, wrong := d.judge(err, why...)
	if !ok {
		return failed, wrong
	}
	if n != int64(len(matched)) {
		return mismatch("%d rows changed, not %d", n, len(matched))
	}
	if err := a.adopt(d, next, matched); err != nil {
		return nil, err
	}
	d.model.become(next)
	return nil, nil
}

func (a whereAct[T]) call(d *desk) (int64, error) {
	table := a.k.model.In(d.scope)
	if a.deleted {
		table = table.WithDeleted()
	}
	if len(a.sets) == 0 {
		return table.DeleteWhere(d.ctx, a.cond.pred)
	}
	assigns := make([]rowhouse.Assignment[T], len(a.sets))
	for i, s := range a.sets {
		assigns[i] = s.assign
	}
	return table.UpdateWhere(d.ctx, a.cond.pred, assigns...)
}

// change does to a row what the act does; a deletion time and an updated time are adopted later.
func (a whereAct[T]) change(s *store, key string) {
	row := a.k.rows(s)[key]
	switch {
	case len(a.sets) > 0:
		for _, set := range a.sets {
			set.apply(&row)
		}
	case a.k.deleted == nil:
		delete(a.k.rows(s), key)
		return
	default:
		*a.k.deleted(&row) = nil
	}
	a.k.bump(&row)
	a.k.rows(s)[key] = row
}

// adopt reads the table and takes over the times that only the database knows, if they are of
// this moment. Then nothing else may differ.
func (a whereAct[T]) adopt(d *desk, next *store, matched []string) error {
	rows, err := a.k.model.In(d.scope).WithDeleted().All(d.ctx)
	if err != nil {
		return fmt.Errorf("reading back: %w", err)
	}
	want := a.k.rows(next)
	for i := range rows {
		key := a.k.key(&rows[i])
		row, ok := want[key]
		if !ok {
			return fmt.Errorf("a row is left, or a stranger's: %s", show(rows[i]))
		}
		if slices.Contains(matched, key) {
			if err := a.times(d, &row, &rows[i]); err != nil {
				return err
			}
		}
		if text := difference(&row, &rows[i]); text != "" {
			return errors.New(text)
		}
		want[key] = row
	}
	if len(rows) != len(want) {
		return fmt.Errorf("%d rows are left, not %d", len(rows), len(want))
	}
	return nil
}

func (a whereAct[T]) times(d *desk, want, row *T) error {
	if at := a.k.touched(row); !at.IsZero() {
		if !d.recent(at) {
			return fmt.Errorf("updated at %v", at)
		}
		a.k.touch(want, at)
	}
	if a.k.deleted == nil || len(a.sets) > 0 {
		return nil
	}
	at := *a.k.deleted(row)
	if at == nil || !d.recent(*at) {
		return fmt.Errorf("deleted at %v", at)
	}
	*a.k.deleted(want) = at
	return nil
}

// misuseAct calls what must be refused, or has ended before it began, and changes nothing.
type misuseAct[T any] struct {
	k    *kind[T]
	how  string
	row  draft[T]
	some set[T]
}

func drawMisuse[T any](k *kind[T]) *rapid.Generator[act] {
	return rapid.Custom(func(t *rapid.T) act {
		return misuseAct[T]{
			k: k, row: drawDraft(k).Draw(t, "row"), some: k.fields[0].sets.Draw(t, "set"),
			how: rapid.SampledFrom([]string{
				"delete without a condition", "update without a condition", "update nothing",
				"key of too many", "cancelled insert", "cancelled read", "late read",
			}).Draw(t, "how"),
		}
	})
}

func (a misuseAct[T]) String() string { return a.how + " of " + a.k.model.Name() }

func (a misuseAct[T]) run(d *desk) (failed, wrong error) {
	table := a.k.model.In(d.scope)
	var none rowhouse.Predicate[T]
	var err error
	may := rowhouse.ErrInvalid
	switch a.how {
	case "delete without a condition":
		_, err = table.DeleteWhere(d.ctx, none)
	case "update without a condition":
		_, err = table.UpdateWhere(d.ctx, none, a.some.assign)
	case "update nothing":
		_, err = table.UpdateWhere(d.ctx, rowhouse.Every[T]())
	case "key of too many":
		_, err = table.Get(d.ctx, 1, 2, 3)
	default:
		return a.cancelled(d, table)
	}
	_, failed, wrong = d.judge(err, may)
	return failed, wrong
}

// cancelled runs with a context that has ended. In a transaction that may end it, so there it
// is left out.
func (a misuseAct[T]) cancelled(d *desk, table rowhouse.Table[T]) (failed, wrong error) {
	if d.inTx {
		return nil, nil
	}
	ctx, cancel := context.WithCancel(d.ctx)
	may := context.Canceled
	if a.how == "late read" {
		ctx, cancel = context.WithDeadline(d.ctx, time.Now().Add(-time.Second))
		may = context.DeadlineExceeded
	}
	cancel()
	row := a.row.settle(d, a.k)
	var err error
	if a.how == "cancelled insert" {
		err = table.Insert(ctx, &row)
	} else {
		_, err = table.All(ctx)
	}
	if !errors.Is(err, may) {
		return mismatch("expected %v, got %v", may, err)
	}
	return nil, nil
}
