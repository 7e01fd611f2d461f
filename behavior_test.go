package rowhouse_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse"
)

// Paper has two filters by default, and a soft delete.
type Paper struct {
	ID       int64      `db:"id,pk,auto"`
	Title    string     `db:"title,size:40,unique"`
	Archived bool       `db:"archived"`
	Secret   bool       `db:"secret"`
	Pages    int        `db:"pages"`
	Version  int64      `db:"version,lock"`
	Deleted  *time.Time `db:"deleted_at,softdelete"`
}

// Sheet has a filter and no soft delete.
type Sheet struct {
	ID     int64 `db:"id,pk"`
	Hidden bool  `db:"hidden"`
}

var (
	papers        = rowhouse.MustDefine[Paper]("paper")
	paperTitle    = rowhouse.Col(papers, func(p *Paper) *string { return &p.Title })
	paperArchived = rowhouse.Col(papers, func(p *Paper) *bool { return &p.Archived })
	paperSecret   = rowhouse.Col(papers, func(p *Paper) *bool { return &p.Secret })
	paperPages    = rowhouse.Col(papers, func(p *Paper) *int { return &p.Pages })
	sheets        = rowhouse.MustDefine[Sheet]("sheet")
	sheetHidden   = rowhouse.Col(sheets, func(s *Sheet) *bool { return &s.Hidden })
)

func paperOptions() rowhouse.Options {
	return rowhouse.Options{
		Models: rowhouse.Models(papers, sheets),
		Behaviors: []rowhouse.AnyBehavior{
			rowhouse.Behavior[Paper]{Model: papers, Filters: []rowhouse.Filter[Paper]{{Name: "archived", Where: paperArchived.Eq(false)}}},
			rowhouse.Behavior[Paper]{Model: papers, Filters: []rowhouse.Filter[Paper]{{Name: "secret", Where: paperSecret.Eq(false)}}},
			rowhouse.Behavior[Sheet]{Model: sheets, Filters: []rowhouse.Filter[Sheet]{{Name: "hidden", Where: sheetHidden.Eq(false)}}},
		},
	}
}

// shelf are papers of every kind: the first letter says what a paper is.
func shelf(t *testing.T, s rowhouse.Scope) map[string]Paper {
	t.Helper()
	rows := []Paper{
		{Title: "plain"},
		{Title: "archived", Archived: true},
		{Title: "secret", Secret: true},
		{Title: "both", Archived: true, Secret: true},
		{Title: "gone"},
		{Title: "gone and archived", Archived: true},
	}
	ok(t, papers.In(s).InsertMany(t.Context(), rows))
	by := map[string]Paper{}
	for i := range rows {
		if strings.HasPrefix(rows[i].Title, "gone") {
			ok(t, papers.In(s).Without("archived").Delete(t.Context(), &rows[i]))
		}
		by[rows[i].Title] = rows[i]
	}
	return by
}

// views are the ways to lift, and what each sees.
var views = []struct {
	name string
	of   func(rowhouse.Table[Paper]) rowhouse.Table[Paper]
	sees []string
}{
	{"default", func(t rowhouse.Table[Paper]) rowhouse.Table[Paper] { return t }, []string{"plain"}},
	{"deleted", rowhouse.Table[Paper].WithDeleted, []string{"gone", "plain"}},
	{
		"archived", func(t rowhouse.Table[Paper]) rowhouse.Table[Paper] { return t.Without("archived") },
		[]string{"archived", "plain"},
	},
	{
		"both", func(t rowhouse.Table[Paper]) rowhouse.Table[Paper] { return t.Without("archived", "secret") },
		[]string{"archived", "both", "plain", "secret"},
	},
	{
		"both in turn", func(t rowhouse.Table[Paper]) rowhouse.Table[Paper] { return t.Without("secret").Without("archived") },
		[]string{"archived", "both", "plain", "secret"},
	},
	{
		"archived and deleted", func(t rowhouse.Table[Paper]) rowhouse.Table[Paper] { return t.Without("archived").WithDeleted() },
		[]string{"archived", "gone", "gone and archived", "plain"},
	},
}

func TestFiltersOfReads(t *testing.T) {
	everywhereWith(t, paperOptions(), func(t *testing.T, s site) {
		ctx := t.Context()
		by := shelf(t, s.tenant)
		shelf(t, s.other)
		for _, v := range views {
			table := v.of(papers.In(s.tenant))
			see := func(how string, got []string, err error) {
				t.Helper()
				ok(t, err)
				if slices.Sort(got); !slices.Equal(got, v.sees) {
					t.Errorf("%s, %s: sees %q, want %q", v.name, how, got, v.sees)
				}
			}
			all, err := table.All(ctx)
			see("All", titles(all), err)
			some, err := table.Where(rowhouse.Or(paperPages.Eq(0), paperPages.Eq(1))).All(ctx)
			see("Where", titles(some), err)
			var each []string
			for p, err := range table.Each(ctx) {
				ok(t, err)
				each = append(each, p.Title)
			}
			see("Each", each, nil)
			var keys []any
			var got []string
			for title, p := range by {
				keys = append(keys, p.ID)
				switch one, err := table.Get(ctx, p.ID); {
				case err == nil:
					got = append(got, one.Title)
				case !errors.Is(err, rowhouse.ErrNotFound):
					t.Fatalf("%s: Get of %s: %v", v.name, title, err)
				}
			}
			see("Get", got, nil)
			many, err := table.GetMany(ctx, keys...)
			see("GetMany", titles(many), err)
			if n, err := table.Count(ctx); err != nil || int(n) != len(v.sees) {
				t.Errorf("%s: counts %d, %v", v.name, n, err)
			}
			if is, err := table.Where(paperTitle.Eq("both")).Exists(ctx); err != nil || is != slices.Contains(v.sees, "both") {
				t.Errorf("%s: Exists is %t, %v", v.name, is, err)
			}
		}
	})
}

func titles(papers []Paper) (titles []string) {
	for _, p := range papers {
		titles = append(titles, p.Title)
	}
	return titles
}

// TestFiltersOfWrites has every write on a row touch it exactly if a read would see it.
func TestFiltersOfWrites(t *testing.T) {
	everywhereWith(t, paperOptions(), func(t *testing.T, s site) {
		ctx := t.Context()
		for _, v := range views {
			for title, p := range shelf(t, s.tenant) {
				writes(t, v.name, s.tenant, v.of(papers.In(s.tenant)), p, slices.Contains(v.sees, title))
			}
		}
		shelf(t, s.tenant)
		n, err := papers.In(s.tenant).DeleteWhere(ctx, rowhouse.Every[Paper]())
		if ok(t, err); n != 1 {
			t.Errorf("DeleteWhere deletes %d rows", n)
		}
		n, err = papers.In(s.tenant).Without("archived", "secret").DeleteWhere(ctx, rowhouse.Every[Paper]())
		if ok(t, err); n != 3 {
			t.Errorf("DeleteWhere without filters deletes %d rows", n)
		}
	})
}

// writes does every write on a paper that the table sees or does not, and removes it in the end.
func writes(t *testing.T, view string, s rowhouse.Scope, table rowhouse.Table[Paper], p Paper, sees bool) {
	t.Helper()
	ctx := t.Context()
	all := papers.In(s).Without("archived", "secret")
	want := func(how string, err error) {
		t.Helper()
		if sees && err != nil || !sees && !errors.Is(err, rowhouse.ErrNotFound) {
			t.Fatalf("%s, %s of %q: %v", view, how, p.Title, err)
		}
	}
	p.Pages = 1
	want("Update", table.Update(ctx, &p))
	want("Update of a column", table.Update(ctx, &p, paperPages))
	n, err := table.UpdateWhere(ctx, paperTitle.Eq(p.Title), paperPages.Add(1))
	if ok(t, err); n == 1 != sees {
		t.Errorf("%s: UpdateWhere of %q changes %d rows", view, p.Title, n)
	}
	now, err := all.WithDeleted().Get(ctx, p.ID)
	if ok(t, err); now.Pages != 2*int(n) {
		t.Errorf("%s: %q has %d pages", view, p.Title, now.Pages)
	}
	if !strings.HasPrefix(p.Title, "gone") { // what is deleted is not there to be deleted, whoever sees it
		want("Delete", table.Delete(ctx, &now))
		now, err = all.WithDeleted().Get(ctx, p.ID)
		ok(t, err)
		if !sees {
			is(t, table.Purge(ctx, &now), rowhouse.ErrNotFound)
		}
	}
	ok(t, all.Purge(ctx, &now))
}

// TestFiltersWithoutASoftDelete has a delete leave alone what a filter leaves out, and writes by key
// alone look through it.
func TestFiltersWithoutASoftDelete(t *testing.T) {
	everywhereWith(t, paperOptions(), func(t *testing.T, s site) {
		ctx := t.Context()
		hidden := Sheet{ID: 1, Hidden: true}
		table := sheets.In(s.tenant)
		ok(t, table.Insert(ctx, &hidden))
		is(t, table.Delete(ctx, &hidden), rowhouse.ErrNotFound)
		is(t, table.Purge(ctx, &hidden), rowhouse.ErrNotFound)
		n, err := table.DeleteWhere(ctx, rowhouse.Every[Sheet]())
		if ok(t, err); n != 0 {
			t.Errorf("DeleteWhere deletes %d rows", n)
		}
		is(t, table.Insert(ctx, &Sheet{ID: 1}), rowhouse.ErrConflict)
		ok(t, table.Upsert(ctx, &Sheet{ID: 1, Hidden: true}))
		ok(t, table.Without("hidden").Delete(ctx, &hidden))
		if n, err := table.Without("hidden").Count(ctx); err != nil || n != 0 {
			t.Errorf("%d rows are left, %v", n, err)
		}
	})
}

func TestFiltersThatAreUnknown(t *testing.T) {
	everywhereWith(t, paperOptions(), func(t *testing.T, s site) {
		ctx := t.Context()
		table := papers.In(s.tenant).Without("archived", "archive")
		p := Paper{ID: 1}
		_, get := table.Get(ctx, 1)
		_, many := table.GetMany(ctx, 1)
		_, all := table.All(ctx)
		_, count := table.Count(ctx)
		_, update := table.UpdateWhere(ctx, paperTitle.Eq("x"), paperPages.Set(1))
		_, del := table.DeleteWhere(ctx, paperTitle.Eq("x"))
		for name, err := range map[string]error{
			"Get": get, "GetMany": many, "All": all, "Count": count, "UpdateWhere": update, "DeleteWhere": del,
			"Update": table.Update(ctx, &p), "Delete": table.Delete(ctx, &p), "Purge": table.Purge(ctx, &p),
		} {
			if is(t, err, rowhouse.ErrInvalid); !strings.Contains(err.Error(), `Without("archive")`) ||
				!strings.Contains(err.Error(), "[archived secret]") {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestBehaviorsThatAreWrong(t *testing.T) {
	t.Parallel()
	drv, _ := engines[0].open(t)
	filter := func(name string, where rowhouse.Predicate[Paper]) rowhouse.AnyBehavior {
		return rowhouse.Behavior[Paper]{Model: papers, Filters: []rowhouse.Filter[Paper]{{Name: name, Where: where}}}
	}
	other := rowhouse.MustDefine[Paper]("other")
	_, err := rowhouse.Open(t.Context(), drv, rowhouse.Options{
		Models: rowhouse.Models(papers),
		Behaviors: []rowhouse.AnyBehavior{
			nil,
			rowhouse.Behavior[Paper]{},
			rowhouse.Behavior[Sheet]{Model: sheets},
			filter("", rowhouse.Every[Paper]()), filter("a", rowhouse.Every[Paper]()), filter("a", rowhouse.Every[Paper]()),
			filter("b", rowhouse.Predicate[Paper]{}),
			filter("c", rowhouse.Col(other, func(p *Paper) *int { return &p.Pages }).Eq(1)),
		},
	})
	if err == nil {
		t.Fatal("all of it was taken")
	}
	for _, want := range []string{
		"Behaviors[0] has no Model", "Behaviors[1] has no Model", `Behaviors[2]: model "sheet" is not among Options.Models`,
		`Behaviors[3]: model "paper": a filter has no name`, `Behaviors[5]: model "paper": two filters are named "a"`,
		`Behaviors[6]: model "paper": filter "b"`, `Behaviors[7]: model "paper": filter "c"`, `a predicate on model "other"`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "Behaviors[4]") {
		t.Errorf("what is right is reported: %v", err)
	}
}
