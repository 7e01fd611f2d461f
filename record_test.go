package rowhouse_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/google/uuid"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
)

// Deed is a model whose columns have every role; deeds is the same without the struct.
type Deed struct {
	ID      int64      `db:"id,pk,auto"`
	Title   string     `db:"title,size:40,unique"`
	Status  string     `db:"status,size:10,default:open,index:deed_state"`
	Pages   *int       `db:"pages,check:'pages > 0'"`
	Token   uuid.UUID  `db:"token"`
	Parent  *int64     `db:"parent,ref:deed.id,ondelete:setnull"`
	Doc     Settings   `db:"doc,json"`
	Version int64      `db:"version,lock"`
	Made    time.Time  `db:"made,created,index:deed_state"`
	Changed time.Time  `db:"changed,updated"`
	Gone    *time.Time `db:"gone,softdelete"`
}

var (
	deedStructs = rowhouse.MustDefine[Deed]("deed")
	deeds       = rowhouse.MustDefineRecord(withoutSetNull(deedStructs.Table()))
	deedID      = rowhouse.MustRecordCol[int64](deeds, "id")
	deedTitle   = rowhouse.MustRecordCol[string](deeds, "title")
	deedStatus  = rowhouse.MustRecordCol[Status](deeds, "status")
	deedPages   = rowhouse.MustRecordCol[int](deeds, "pages")
	deedDoc     = rowhouse.MustRecordCol[Settings](deeds, "doc")
	deedGone    = rowhouse.MustRecordCol[*time.Time](deeds, "gone")
	deedVersion = rowhouse.MustRecordCol[int64](deeds, "version")
	deedMade    = rowhouse.MustRecordCol[time.Time](deeds, "made")
	deedParent  = rowhouse.MustRecordCol[int64](deeds, "parent")
	deedParents = rowhouse.BelongsTo[rowhouse.Record, rowhouse.Record](deedParent, deedID, nil)
)

// withoutSetNull is the table as shared placements can have it.
func withoutSetNull(t dialect.Table) dialect.Table {
	t.ForeignKeys = slices.Clone(t.ForeignKeys)
	for i := range t.ForeignKeys {
		t.ForeignKeys[i].OnDelete = ""
	}
	return t
}

func deed(t *testing.T, title string) rowhouse.Record {
	t.Helper()
	var r rowhouse.Record
	ok(t, deedTitle.Put(&r, title))
	return r
}

func of[V any](t *testing.T, c rowhouse.Column[rowhouse.Record, V], r rowhouse.Record) V {
	t.Helper()
	v, err := c.Of(r)
	ok(t, err)
	return v
}

func deedTitles(t *testing.T, rows []rowhouse.Record, err error) (list []string) {
	t.Helper()
	ok(t, err)
	for _, r := range rows {
		list = append(list, of(t, deedTitle, r))
	}
	return list
}

// TestRecordTablesAreTheStructs: what is planned and rendered is worked out of the table, which is the
// same with and without a struct.
func TestRecordTablesAreTheStructs(t *testing.T) {
	t.Parallel()
	for _, m := range rowhouse.Models(deedStructs, everything, papers, samples, sheets, Tickets) {
		equal(t, "result", rowhouse.MustDefineRecord(m.Table()).Table(), m.Table())
	}
	common, err := rowhouse.DefineCommon[Sheet]("sheet")
	ok(t, err)
	equal(t, "result", rowhouse.MustDefineRecord(common.Table()).Table(), common.Table())
}

// TestRecordsAndStructsShareTheirRows: each reads what the other wrote.
func TestRecordsAndStructsShareTheirRows(t *testing.T) {
	everywhere(t, rowhouse.Models(everything), func(t *testing.T, s site) {
		ctx := t.Context()
		records := rowhouse.MustDefineRecord(everything.Table())
		db, err := rowhouse.Open(ctx, s.db.Driver(), rowhouse.Options{Models: rowhouse.Models(records)})
		ok(t, err)
		defer func() { ok(t, db.Close()) }()
		tenant := tenantOf(t, db, s.tenant.Tenant())
		for _, written := range []Everything{full(), {Price: "0.01", Bytes: []byte{}}} {
			ok(t, everything.In(s.tenant).Insert(ctx, &written))
			r, err := records.In(tenant).Get(ctx, written.ID)
			ok(t, err)
			mustHave(t, r, written)
			ok(t, r.Set("id", 0))
			ok(t, records.In(tenant).Insert(ctx, &r))
			id, err := r.Get("id")
			ok(t, err)
			read, err := everything.In(s.tenant).Get(ctx, id)
			ok(t, err)
			if read.ID == written.ID || !read.UpdatedAt.After(written.UpdatedAt) {
				t.Errorf("the copy has id %d and time %v", read.ID, read.UpdatedAt)
			}
			again, err := everything.In(s.tenant).Get(ctx, written.ID)
			ok(t, err)
			read.ID, read.UpdatedAt = again.ID, again.UpdatedAt
			equal(t, "result", read, again)
		}
	})
}

// mustHave compares some columns of all kinds.
func mustHave(t *testing.T, r rowhouse.Record, e Everything) {
	t.Helper()
	text := func(p *string) any {
		if p == nil {
			return nil
		}
		return *p
	}
	for name, want := range map[string]any{
		"id": e.ID, "bool": e.Bool, "i8": int16(e.I8), "i32": e.I32, "int": int64(e.Int), "f32": e.F32, "f64": e.F64,
		"text": e.Text, "long": e.Long, "status": string(e.Status), "bytes": e.Bytes, "at": e.At, "key": e.Key,
		"for": int64(e.For), "p_text": text(e.PText), "home_street": e.Home.Street, "home_zip": text(e.Home.Zip),
		"point": fmt.Sprintf("%d;%d", e.Point.X, e.Point.Y), "price": e.Price,
	} {
		got, err := r.Get(name)
		ok(t, err)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, want %#v", name, got, want)
		}
	}
}

func TestRecordWrites(t *testing.T) {
	everywhere(t, rowhouse.Models(deeds), func(t *testing.T, s site) {
		ctx := t.Context()
		table := deeds.In(s.tenant)
		r := deed(t, "roof")
		ok(t, deedDoc.Put(&r, Settings{"dark", []int{1}}))
		before := r
		ok(t, table.Insert(ctx, &r))
		equal(t, "result", of(t, deedStatus, r), "open")
		equal(t, "result", of(t, deedVersion, r), 1)
		equal(t, "result", of(t, deedID, before), 0)
		read, err := table.Get(ctx, of(t, deedID, r))
		ok(t, err)
		equal(t, "result", of(t, deedDoc, read), Settings{"dark", []int{1}})
		ok(t, r.Set("doc", of(t, deedDoc, read))) // whose text is the engine's
		ok(t, read.Set("doc", of(t, deedDoc, read)))
		equal(t, "result", values(t, read), values(t, r))

		ok(t, r.Set("pages", 3))
		ok(t, table.Update(ctx, &r))
		ok(t, read.Set("status", "late"))
		is(t, table.Update(ctx, &read), rowhouse.ErrStale)
		ok(t, r.Set("status", "shut"))
		ok(t, r.Set("pages", nil))
		ok(t, table.Update(ctx, &r, deedStatus))
		n, err := table.UpdateWhere(ctx, deedPages.Eq(3), deedPages.Add(4), deedStatus.Set("half"))
		ok(t, err)
		equal(t, "result", n, 1)
		read, err = table.Where(deedTitle.Eq("roof"), deedStatus.In("half")).One(ctx)
		ok(t, err)
		equal(t, "result", of(t, deedPages, read), 7)
		equal(t, "result", of(t, deedVersion, read), 4)

		ok(t, table.Delete(ctx, &read))
		if of(t, deedGone, read) == nil {
			t.Error("the row is not marked")
		}
		_, err = table.Get(ctx, of(t, deedID, read))
		is(t, err, rowhouse.ErrNotFound)
		ok(t, table.WithDeleted().Purge(ctx, &read))
		other, err := deeds.In(s.other).WithDeleted().Count(ctx)
		ok(t, err)
		equal(t, "result", other, 0)
		twice := []rowhouse.Record{deed(t, "a"), deed(t, "a")}
		is(t, table.InsertMany(ctx, twice), rowhouse.ErrConflict)
		equal(t, "result", of(t, deedVersion, twice[0]), 0) // what was filled in is taken back
	})
}

func values(t *testing.T, r rowhouse.Record) map[string]any {
	t.Helper()
	all := map[string]any{}
	for _, name := range r.Names() {
		v, err := r.Get(name)
		ok(t, err)
		all[name] = v
	}
	return all
}

func TestRecordQueries(t *testing.T) {
	everywhere(t, rowhouse.Models(deeds), func(t *testing.T, s site) {
		ctx := t.Context()
		table := deeds.In(s.tenant)
		rows := []rowhouse.Record{deed(t, "a"), deed(t, "b"), deed(t, "c"), deed(t, "d")}
		for i := range rows {
			ok(t, deedPages.Put(&rows[i], 4-i))
		}
		ok(t, table.InsertMany(ctx, rows))
		many, err := table.GetMany(ctx, of(t, deedID, rows[2]), -1, of(t, deedID, rows[0]))
		equal(t, "result", deedTitles(t, many, err), []string{"c", "a"})
		page, err := table.OrderBy(deedPages.Asc()).Limit(2).All(ctx)
		equal(t, "result", deedTitles(t, page, err), []string{"d", "c"})
		page, err = table.OrderBy(deedPages.Asc()).Limit(2).After(page[1]).All(ctx)
		equal(t, "result", deedTitles(t, page, err), []string{"b", "a"})
		var seen []rowhouse.Record
		for r, err := range table.OrderBy(deedTitle.Desc()).Each(ctx) {
			ok(t, err)
			seen = append(seen, r)
		}
		equal(t, "result", deedTitles(t, seen, nil), []string{"d", "c", "b", "a"})

		again := deed(t, "b")
		ok(t, deedPages.Put(&again, 9))
		ok(t, table.Upsert(ctx, &again, deedTitle))
		equal(t, "result", of(t, deedID, again), of(t, deedID, rows[1]))
		type load struct {
			Title string
			Pages *int
		}
		loads, err := rowhouse.Select[load](table.Where(deedPages.Gt(3)).OrderBy(deedTitle.Asc()), deedTitle, deedPages).All(ctx)
		ok(t, err)
		equal(t, "result", len(loads), 2)
		equal(t, "result", *loads[1].Pages, 9)
		partial, err := rowhouse.Select[rowhouse.Record](table.OrderBy(deedTitle.Asc()), deedTitle).All(ctx)
		equal(t, "result", deedTitles(t, partial, err), []string{"a", "b", "c", "d"})
		equal(t, "result", of(t, deedID, partial[0]), 0)
		ok(t, deedTitle.Put(&partial[0], "changed"))
		equal(t, "result", of(t, deedTitle, rowhouse.NewRecord(deeds)), "")
		sum, err := rowhouse.Compute(ctx, table, rowhouse.Sum(deedPages))
		ok(t, err)
		equal(t, "result", sum, 16)
		raw, err := rowhouse.Raw[string](s.tenant, "SELECT title FROM {deed} WHERE pages = $1", 9).One(ctx)
		ok(t, err)
		equal(t, "result", raw, "b")
		rawRecords, err := rowhouse.RawRecords(s.tenant, deeds, "SELECT pages, title, made FROM {deed} ORDER BY title").All(ctx)
		equal(t, "result", deedTitles(t, rawRecords, err), []string{"a", "b", "c", "d"})
		equal(t, "result", of(t, deedPages, rawRecords[1]), 9)
		equal(t, "result", of(t, deedMade, rawRecords[0]), of(t, deedMade, rows[0]))
		_, err = rowhouse.RawRecords(s.tenant, deeds, "SELECT pages AS sheets FROM {deed}").All(ctx)
		is(t, err, rowhouse.ErrInvalid)
		_, err = rowhouse.Raw[rowhouse.Record](s.tenant, "SELECT title FROM {deed}").All(ctx)
		if err == nil || !strings.Contains(err.Error(), "RawRecords names a model") {
			t.Errorf("got %v", err)
		}
	})
}

func TestRecordsAcross(t *testing.T) {
	t.Parallel()
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			drv, prefix := e.open(t)
			db := openFleet(t, drv, prefix, rowhouse.Models(deeds))
			var want []string
			for id := range placements(prefix) {
				for i := range 20 {
					r := deed(t, fmt.Sprintf("%02d of %s", i, id))
					ok(t, deeds.In(tenantOf(t, db, id)).Insert(t.Context(), &r))
					want = append(want, of(t, deedTitle, r))
				}
			}
			slices.Sort(want)
			var got []string
			for row, err := range deeds.Across(db.All()).OrderBy(deedTitle.Asc()).Each(t.Context()) {
				ok(t, err)
				if title := of(t, deedTitle, row.Value); strings.HasSuffix(title, " of "+row.Tenant) {
					got = append(got, title)
				}
			}
			equal(t, "result", got, want)
		})
	}
}

// TestRecordRelations: records are asked for by rows that they are related to.
func TestRecordRelations(t *testing.T) {
	everywhere(t, rowhouse.Models(deeds), func(t *testing.T, s site) {
		table := deeds.In(s.tenant)
		parent, child := deed(t, "parent"), deed(t, "child")
		ok(t, table.Insert(t.Context(), &parent))
		ok(t, deedParent.Put(&child, of(t, deedID, parent)))
		ok(t, table.Insert(t.Context(), &child))
		found, err := table.Where(deedParents.Has(deedTitle.Eq("parent"))).All(t.Context())
		equal(t, "result", deedTitles(t, found, err), []string{"child"})
	})
}

// TestRecordBehavior has hooks and filters that a program gives to a model without a struct.
func TestRecordBehavior(t *testing.T) {
	o := rowhouse.Options{Models: rowhouse.Models(deeds), Behaviors: []rowhouse.AnyBehavior{rowhouse.Behavior[rowhouse.Record]{
		Model:   deeds,
		Filters: []rowhouse.Filter[rowhouse.Record]{{Name: "shut", Where: deedStatus.Ne("shut")}},
		BeforeInsert: func(_ context.Context, _ rowhouse.Scope, r *rowhouse.Record) error {
			title, err := deedTitle.Of(*r)
			return errors.Join(err, deedTitle.Put(r, strings.ToUpper(title)))
		},
		AfterLoad: func(_ context.Context, _ rowhouse.Scope, r *rowhouse.Record) error { return deedPages.Put(r, 42) },
	}}}
	everywhereWith(t, o, func(t *testing.T, s site) {
		table := deeds.In(s.tenant)
		r, shut := deed(t, "roof"), deed(t, "shut")
		ok(t, deedStatus.Put(&shut, "shut"))
		ok(t, table.Insert(t.Context(), &r))
		ok(t, table.Insert(t.Context(), &shut))
		all, err := table.All(t.Context())
		equal(t, "result", deedTitles(t, all, err), []string{"ROOF"})
		equal(t, "result", of(t, deedPages, all[0]), 42)
		all, err = table.Without("shut").OrderBy(deedID.Asc()).All(t.Context())
		equal(t, "result", deedTitles(t, all, err), []string{"ROOF", "SHUT"})
	})
}

// TestRecordAccess: names and types that do not fit are refused, and change nothing.
func TestRecordAccess(t *testing.T) {
	t.Parallel()
	others := rowhouse.MustDefineRecord(Tickets.Table())
	r, other := rowhouse.NewRecord(deeds), rowhouse.NewRecord(others)
	priced := rowhouse.NewRecord(rowhouse.MustDefineRecord(everything.Table()))
	ok(t, r.Set("title", Status("named")))
	ok(t, r.Set("doc", map[string]any{"Theme": "dark"}))
	ok(t, r.Set("token", [16]byte{1}))
	equal(t, "result", of(t, deedTitle, r), "named")
	equal(t, "result", of(t, deedDoc, r).Theme, "dark")
	equal(t, "result", of(t, rowhouse.MustRecordCol[[16]byte](deeds, "token"), r), [16]byte{1})
	before := fmt.Sprint(values(t, r))
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"no such column":  {r.Set("titel", "x"), `model "deed" has no column "titel"; it has [id title`},
		"another type":    {r.Set("title", 3), "column title is text; a int does not fit"},
		"too large":       {smallN.Put(new(rowhouse.Record), 1<<40), "column n: the value does not fit"},
		"no NULL":         {r.Set("title", nil), "column title has no NULL"},
		"a nil pointer":   {r.Set("title", (*string)(nil)), "column title has no NULL"},
		"another model":   {deedTitle.Put(&other, "x"), `the Record is a row of model "ticket", not of this model "deed"`},
		"its value":       {errOf(deedTitle.Of(other)), `the Record is a row of model "ticket"`},
		"no model":        {new(rowhouse.Record).Set("title", "x"), "make it with NewRecord"},
		"no handle":       {errOf(rowhouse.Column[rowhouse.Record, string]{}.Of(r)), "not made by Col"},
		"JSON's member":   {json.Unmarshal([]byte(`{"title": "x", "titel": "y"}`), &r), `no column "titel"`},
		"JSON's value":    {json.Unmarshal([]byte(`{"status": "x", "pages": "y"}`), &r), "column pages is int64; the JSON value is none"},
		"JSON's bool":     {json.Unmarshal([]byte(`{"price": true}`), &priced), "column price is decimal; the JSON value is none"},
		"JSON's object":   {json.Unmarshal([]byte(`{"price": {"a": 1}}`), &priced), "column price is decimal; the JSON value is none"},
		"JSON's null":     {json.Unmarshal([]byte(`{"title": null}`), &r), "column title has no NULL"},
		"JSON's list":     {json.Unmarshal([]byte(`[]`), &r), "a JSON object"},
		"a handle's name": {errOf(rowhouse.RecordCol[string](deeds, "titel")), `rowhouse: model "deed": column "titel": RecordCol: `},
		"a handle's type": {errOf(rowhouse.RecordCol[time.Time](deeds, "title")), "column title is text; a time.Time does not fit"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", name, c.err, c.want)
		}
	}
	equal(t, "result", fmt.Sprint(values(t, r)), before)
	if _, err := rowhouse.Define[rowhouse.Record]("deed"); err == nil || !strings.Contains(err.Error(), "DefineRecord") {
		t.Errorf("got %v", err)
	}
	if e, is := errors.AsType[*rowhouse.DefinitionError](errOf(rowhouse.RecordCol[string](deeds, "x"))); !is || e.Model != "deed" {
		t.Error("RecordCol's error is no DefinitionError")
	}
	if reflect.TypeFor[rowhouse.Record]().Size() != 2*unsafe.Sizeof(uintptr(0)) {
		t.Error("a Record is more than what the model reads it as")
	}
}

var small = dialect.Table{
	Name: "small", PrimaryKey: []string{"n"},
	Columns: []dialect.Column{{Name: "n", Type: dialect.Type{Kind: dialect.Int16}}},
}

var smallN = rowhouse.MustRecordCol[int](rowhouse.MustDefineRecord(small), "n")

func errOf[V any](_ V, err error) error { return err }

// TestRecordText: JSON has the values, and comes back; logs have none.
func TestRecordText(t *testing.T) {
	t.Parallel()
	full := rowhouse.MustDefineRecord(everything.Table())
	r, read := rowhouse.NewRecord(full), rowhouse.NewRecord(full)
	for name, v := range map[string]any{
		"text": `"it" <is>`, "p_text": "secret", "price": "12.50", "key": uuid.Max, "bytes": []byte{0, 255}, "f64": 0.5,
		"at": time.Date(2024, 2, 29, 1, 2, 3, 4000, time.UTC), "settings": Settings{Theme: "dark"}, "props": map[string]string{"a": "b"},
	} {
		ok(t, r.Set(name, v))
	}
	text, err := json.Marshal(r)
	ok(t, err)
	ok(t, json.Unmarshal(text, &read))
	equal(t, "result", values(t, read), values(t, r))
	if !strings.Contains(string(text), `"price":"12.50"`) || !strings.Contains(string(text), `"p_int":null`) {
		t.Errorf("it is %s", text)
	}
	ok(t, json.Unmarshal([]byte(`{"price": 7.125}`), &read))
	price, err := read.Get("price")
	ok(t, err)
	equal(t, "result", price, "7.125")

	var b strings.Builder
	slog.New(slog.NewJSONHandler(&b, nil)).Info("read", "row", r)
	for _, text := range []string{b.String(), fmt.Sprint(r), fmt.Sprintf("%v %+v %#v %s", r, r, r, r), rowhouse.Record{}.String()} {
		if strings.Contains(text, "secret") || !strings.Contains(text, "Record{") {
			t.Errorf("it is logged as %s", text)
		}
	}
}

// TestRecordMistakes: all mistakes of a table are reported together.
func TestRecordMistakes(t *testing.T) {
	t.Parallel()
	text := dialect.Type{Kind: dialect.Text}
	_, err := rowhouse.DefineRecord(dialect.Table{
		Name: "case",
		Columns: []dialect.Column{
			{Name: "id", Type: dialect.Type{Kind: dialect.Bool}, Auto: true},
			{Name: "title", Type: text},
			{Name: "Title", Type: text},
			{Name: "no-name", Type: text},
			{Name: "raw"},
			{Name: "odd", Type: dialect.Type{Kind: 99}},
			{Name: "now", Type: dialect.Type{Kind: dialect.Time}, Default: "now()"},
			{Name: "open", Type: text, Default: "'it's'"},
			{Name: "version", Type: text, Role: dialect.RoleLock},
			{Name: "made", Type: dialect.Type{Kind: dialect.Time}, Null: true, Role: dialect.RoleCreated},
			{Name: "size", Type: dialect.Type{Kind: dialect.Int64, Size: 3}},
			{Name: "less", Type: dialect.Type{Kind: dialect.Text, Size: -3}},
		},
		PrimaryKey: []string{"id", "key", "id"},
		Indexes:    []dialect.Index{{Name: "none"}, {Columns: []string{"title", "titel"}}},
		ForeignKeys: []dialect.ForeignKey{
			{Columns: []string{"title"}, Table: "b", References: []string{"x", "y"}},
			{Columns: []string{"title"}, Table: "a b", References: []string{"x"}},
			{Columns: []string{"title"}, Table: "b", References: []string{"x"}, OnDelete: "EXPLODE"},
		},
		Checks: []dialect.Check{{Name: "always"}},
	})
	for _, want := range []string{
		`model "case": column "id": auto is for an integer`, `column "Title": column "Title" is taken`,
		`column "no-name": the column's name`, `column "raw": it has no type`, `column "odd": its type is kind(99)`,
		`column "now": default "now()"`, `column "open": default 'it's' is no literal`, `column "version": lock is for`,
		`column "made": created and updated`, `column "size": size is for`, `column "less": size, precision`,
		`the primary key has a column "key", which`, `the primary key has column "id" twice`, `index "none" has no column`,
		`index "case_title_titel_idx" has a column "titel"`, `is of 1 columns and refers to 2`, `"a b" has ' ' in it`,
		`an action "EXPLODE"`, `check "always" has no expression`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("not reported: %s", want)
		}
	}
	for name, table := range map[string]dialect.Table{
		"the table has no column": {Name: "case"}, "no column is the primary key": {Name: "case", Columns: small.Columns},
		`the table's name "_x" begins`: {Name: "_x", Columns: small.Columns, PrimaryKey: small.PrimaryKey},
	} {
		if _, err := rowhouse.DefineRecord(table); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want %s", err, name)
		}
	}
}

// TestTablesAreText: a table can be written down as JSON.
func TestTablesAreText(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(deedStructs.Table())
	ok(t, err)
	var table dialect.Table
	ok(t, json.Unmarshal(text, &table))
	equal(t, "result", table, deedStructs.Table())
	for text, want := range map[string]string{
		`{"columns": [{"type": {"kind": "int"}}]}`: `"int" is no kind`,
		`{"columns": [{"role": "owner"}]}`:         `"owner" is no role`,
	} {
		if err := json.Unmarshal([]byte(text), &table); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestRecordUnit has a unit of work know what has changed in Records.
func TestRecordUnit(t *testing.T) {
	everywhere(t, rowhouse.Models(deeds), func(t *testing.T, s site) {
		ctx := t.Context()
		list := make([]rowhouse.Record, 3)
		for i := range list {
			ok(t, deedTitle.Put(&list[i], fmt.Sprint("deed ", i)))
			ok(t, deedPages.Put(&list[i], i+1))
			ok(t, deedDoc.Put(&list[i], Settings{"light", nil}))
		}
		ok(t, deeds.In(s.tenant).InsertMany(ctx, list))

		u := rowhouse.NewUnit(s.tenant)
		w := deeds.Unit(u)
		rows := loadAll(t, w, deeds.In(s.tenant).OrderBy(deedID.Asc()))
		again, err := w.Get(ctx, of(t, deedID, *rows[0]))
		ok(t, err)
		if again != rows[0] || u.Changed() {
			t.Errorf("rows are there twice, or changed: %v", u.Changed())
		}
		ok(t, deedTitle.Put(rows[0], "first"))
		ok(t, deedDoc.Put(rows[1], Settings{"dark", nil}))
		ok(t, rows[1].Set("pages", nil))
		ok(t, w.Remove(rows[2]))
		if got := w.Changed(rows[1]); !slices.Equal(got, []string{"pages", "doc"}) {
			t.Errorf("changed columns are %v", got)
		}
		fresh := rowhouse.NewRecord(deeds)
		ok(t, deedTitle.Put(&fresh, "fresh"))
		ok(t, w.Add(&fresh))
		ok(t, rowhouse.Link(u, deedParent, rows[0], deedID, &fresh))
		ok(t, u.Flush(ctx))

		found, err := deeds.In(s.tenant).OrderBy(deedID.Asc()).All(ctx)
		ok(t, err)
		if len(found) != 3 {
			t.Fatalf("%d rows", len(found))
		}
		equal(t, "titles", deedTitles(t, found, nil), []string{"first", "deed 1", "fresh"})
		equal(t, "parent", of(t, deedParent, found[0]), of(t, deedID, fresh))
		equal(t, "doc", of(t, deedDoc, found[1]), Settings{"dark", nil})
		equal(t, "pages", of(t, deedPages, found[1]), 0)
		equal(t, "versions", []int64{of(t, deedVersion, found[0]), of(t, deedVersion, found[1])}, []int64{2, 2})
	})
}
