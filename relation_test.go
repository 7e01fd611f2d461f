package rowhouse_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse"
)

// The models of a help desk, with relations of every kind.
type (
	Desk struct {
		ID    int64  `db:"id,pk,auto"`
		Name  string `db:"name,size:80"`
		Chief *int64 `db:"chief_id,ref:desk.id,index"`

		Parent   *Desk    `db:"-"`
		Children []Desk   `db:"-"`
		Errands  []Errand `db:"-"`
		Lease    *Lease   `db:"-"`
	}
	Errand struct {
		ID    int64  `db:"id,pk,auto"`
		Desk  int64  `db:"desk_id,ref:desk.id,ondelete:cascade,index"`
		Title string `db:"title,size:80"`
		Rank  int    `db:"rank"`
		Plan  string `db:"plan_code,size:20"`

		At      *Desk    `db:"-"`
		Notes   []Note   `db:"-"`
		Labels  []Label  `db:"-"`
		Flags   []Flag   `db:"-"`
		Terms   *Term    `db:"-"`
		Related []Errand `db:"-"`
	}
	Note struct {
		ID      int64      `db:"id,pk,auto"`
		Errand  *int64     `db:"errand_id,ref:errand.id,index"`
		Text    string     `db:"text,size:80"`
		Deleted *time.Time `db:"deleted_at,softdelete"`
		Version int64      `db:"version,lock"`

		Of *Errand `db:"-"`
	}
	// Label is linked to errands by a join table without a model.
	Label struct {
		ID      int64    `db:"id,pk,auto"`
		Name    string   `db:"name,size:40,unique"`
		Errands []Errand `db:"-"`
	}
	// Flag has a key of its own, and Flagging is the model between.
	Flag struct {
		Code string `db:"code,pk,size:20"`
	}
	Flagging struct {
		Errand int64      `db:"errand_id,pk,ref:errand.id,ondelete:cascade"`
		Flag   string     `db:"flag_code,pk,size:20,ref:flag.code,index"`
		Since  time.Time  `db:"since,created"`
		Ended  *time.Time `db:"ended_at"`
	}
	// Lease is one of a desk, with a key of two columns, and Clause refers to it.
	Lease struct {
		House   int64    `db:"house,pk"`
		Floor   string   `db:"floor,pk,size:8"`
		Desk    int64    `db:"desk_id,ref:desk.id,unique"`
		Clauses []Clause `db:"-"`
	}
	Clause struct {
		ID    int64  `db:"id,pk,auto"`
		House int64  `db:"house,ref:lease.house,fk:clause_lease"`
		Floor string `db:"floor,size:8,ref:lease.floor,fk:clause_lease"`
		Text  string `db:"text,size:40"`

		Lease *Lease `db:"-"`
	}
	// Term is of the common house.
	Term struct {
		Code string `db:"code,pk,size:20"`
		Days int    `db:"days"`
	}
)

var (
	desks     = rowhouse.MustDefine[Desk]("desk")
	errands   = rowhouse.MustDefine[Errand]("errand")
	notes     = rowhouse.MustDefine[Note]("note")
	labels    = rowhouse.MustDefine[Label]("label")
	flags     = rowhouse.MustDefine[Flag]("flag")
	flaggings = rowhouse.MustDefine[Flagging]("flagging")
	leases    = rowhouse.MustDefine[Lease]("lease")
	clauses   = rowhouse.MustDefine[Clause]("clause")
	terms     = rowhouse.MustDefineCommon[Term]("term")

	deskID         = rowhouse.Col(desks, func(d *Desk) *int64 { return &d.ID })
	deskName       = rowhouse.Col(desks, func(d *Desk) *string { return &d.Name })
	deskChief      = rowhouse.Nullable(desks, func(d *Desk) **int64 { return &d.Chief })
	errandID       = rowhouse.Col(errands, func(t *Errand) *int64 { return &t.ID })
	errandDesk     = rowhouse.Col(errands, func(t *Errand) *int64 { return &t.Desk })
	errandTitle    = rowhouse.Col(errands, func(t *Errand) *string { return &t.Title })
	errandRank     = rowhouse.Col(errands, func(t *Errand) *int { return &t.Rank })
	errandPlan     = rowhouse.Col(errands, func(t *Errand) *string { return &t.Plan })
	noteID         = rowhouse.Col(notes, func(n *Note) *int64 { return &n.ID })
	noteErrand     = rowhouse.Nullable(notes, func(n *Note) **int64 { return &n.Errand })
	noteText       = rowhouse.Col(notes, func(n *Note) *string { return &n.Text })
	labelID        = rowhouse.Col(labels, func(l *Label) *int64 { return &l.ID })
	labelName      = rowhouse.Col(labels, func(l *Label) *string { return &l.Name })
	flagCode       = rowhouse.Col(flags, func(f *Flag) *string { return &f.Code })
	flaggingErrand = rowhouse.Col(flaggings, func(f *Flagging) *int64 { return &f.Errand })
	flaggingFlag   = rowhouse.Col(flaggings, func(f *Flagging) *string { return &f.Flag })
	leaseHouse     = rowhouse.Col(leases, func(l *Lease) *int64 { return &l.House })
	leaseFloor     = rowhouse.Col(leases, func(l *Lease) *string { return &l.Floor })
	leaseDesk      = rowhouse.Col(leases, func(l *Lease) *int64 { return &l.Desk })
	clauseHouse    = rowhouse.Col(clauses, func(c *Clause) *int64 { return &c.House })
	clauseFloor    = rowhouse.Col(clauses, func(c *Clause) *string { return &c.Floor })
	clauseText     = rowhouse.Col(clauses, func(c *Clause) *string { return &c.Text })
	termCode       = rowhouse.Col(terms, func(t *Term) *string { return &t.Code })
	termDays       = rowhouse.Col(terms, func(t *Term) *int { return &t.Days })

	deskParent      = rowhouse.BelongsTo(deskChief, deskID, func(d *Desk) **Desk { return &d.Parent })
	deskChildren    = rowhouse.HasMany(deskID, deskChief, func(d *Desk) *[]Desk { return &d.Children })
	deskErrands     = rowhouse.HasMany(deskID, errandDesk, func(d *Desk) *[]Errand { return &d.Errands })
	deskLease       = rowhouse.HasOne(deskID, leaseDesk, func(d *Desk) **Lease { return &d.Lease })
	deskNotes       = rowhouse.Through(deskErrands, errandNotes, func(d *Desk) *[]Note { return nil })
	errandAt        = rowhouse.BelongsTo(errandDesk, deskID, func(t *Errand) **Desk { return &t.At })
	errandNotes     = rowhouse.HasMany(errandID, noteErrand, func(t *Errand) *[]Note { return &t.Notes })
	errandLabels    = rowhouse.ManyToMany(errandID, labelID, "errand_label", func(t *Errand) *[]Label { return &t.Labels })
	labelErrands    = errandLabels.Inverse(func(l *Label) *[]Errand { return &l.Errands })
	errandFlaggings = rowhouse.HasMany(errandID, flaggingErrand, nil)
	flaggingOf      = rowhouse.BelongsTo(flaggingFlag, flagCode, nil)
	errandFlags     = rowhouse.Through(errandFlaggings, flaggingOf, func(t *Errand) *[]Flag { return &t.Flags })
	errandTerms     = rowhouse.BelongsTo(errandPlan, termCode, func(t *Errand) **Term { return &t.Terms })
	errandRelated   = rowhouse.ManyToMany(errandID, errandID, "errand_related", func(t *Errand) *[]Errand { return &t.Related })
	noteOf          = rowhouse.BelongsTo(noteErrand, errandID, func(n *Note) **Errand { return &n.Of })
	leaseClauses    = rowhouse.HasMany(leaseHouse, clauseHouse, func(l *Lease) *[]Clause { return &l.Clauses }).On(leaseFloor, clauseFloor)
	clauseLease     = rowhouse.BelongsTo(clauseHouse, leaseHouse, func(c *Clause) **Lease { return &c.Lease }).On(clauseFloor, leaseFloor)

	deskModels = rowhouse.Models(desks, errands, notes, labels, flags, flaggings, leases, clauses, terms,
		errandLabels.JoinTable(), errandRelated.JoinTable())
)

// furnish gives a tenant three desks: the first with two errands, the second with one, the third with
// none. All text begins with the tenant's id.
func furnish(t *testing.T, s site, scope rowhouse.Scope) []Desk {
	t.Helper()
	ctx, id := t.Context(), scope.Tenant()
	for _, term := range []Term{{"basic", 30}, {"gold", 90}} {
		ok(t, terms.In(s.db.Common()).Upsert(ctx, &term))
	}
	for _, code := range []string{"hot", "old"} {
		ok(t, flags.In(scope).Upsert(ctx, &Flag{code}))
	}
	note := func(text string) Note { return Note{Text: id + " " + text} }
	list := []Desk{
		{Name: id + " front", Lease: &Lease{House: 1, Floor: "a", Clauses: []Clause{{Text: "one"}, {Text: "two"}}}, Errands: []Errand{
			{
				Title: id + " roof", Rank: 2, Plan: "gold", Notes: []Note{note("wet"), note("cold"), note("dark")},
				Labels: []Label{{Name: "urgent"}, {Name: "water"}}, Flags: []Flag{{"hot"}, {"new"}},
			},
			{Title: id + " door", Rank: 1, Plan: "basic", Notes: []Note{note("shut")}, Flags: []Flag{{"old"}, {"hot"}}},
		}},
		{Name: id + " back", Lease: &Lease{House: 1, Floor: "b"}, Errands: []Errand{{Title: id + " lamp", Rank: 3, Plan: "none"}}},
		{Name: id + " attic"},
	}
	tree := deskErrands.With(errandNotes, errandLabels, errandFlags)
	ok(t, desks.In(scope).With(tree, deskLease.With(leaseClauses)).InsertMany(ctx, list))
	list[2].Chief = &list[0].ID
	ok(t, desks.In(scope).Update(ctx, &list[2]))
	return list
}

func TestRelationsAreRead(t *testing.T) {
	everywhere(t, deskModels, func(t *testing.T, s site) {
		ctx := t.Context()
		furnish(t, s, s.other)
		want := furnish(t, s, s.tenant)
		notesOf := errandNotes.OrderBy(noteText.Asc()).With(noteOf)
		tree := []rowhouse.AnyRelation[Desk]{
			deskErrands.OrderBy(errandRank.Asc()).With(notesOf, errandLabels.OrderBy(labelName.Desc()),
				errandFlags.OrderBy(flagCode.Asc()), errandTerms),
			deskLease.With(leaseClauses.OrderBy(clauseText.Desc()).With(clauseLease)), deskChildren.With(deskParent), deskParent,
		}
		check := func(how string, got []Desk, err error) {
			t.Helper()
			ok(t, err)
			if text, wanted := outline(got), outlineOf(s.tenant.Tenant()); text != wanted {
				t.Errorf("%s:\n%s\nwant\n%s", how, text, wanted)
			}
		}
		all := desks.In(s.tenant).With(tree...).OrderBy(deskID.Asc())
		got, err := all.All(ctx)
		check("all", got, err)
		got = nil
		for desk, err := range all.Each(ctx) {
			ok(t, err)
			got = append(got, desk)
		}
		check("each", got, nil)
		got, err = desks.In(s.tenant).With(tree...).GetMany(ctx, want[0].ID, want[1].ID, want[2].ID)
		check("get many", got, err)
		got = nil
		for _, d := range want {
			one, err := desks.In(s.tenant).With(tree...).Get(ctx, d.ID)
			ok(t, err)
			got = append(got, one)
		}
		check("get", got, nil)
		for _, o := range []rowhouse.TxOptions{{}, {Isolation: rowhouse.RepeatableRead}, {Isolation: rowhouse.Serializable, ReadOnly: true}} {
			ok(t, s.tenant.TxWith(ctx, o, func(tx *rowhouse.Tx) error {
				got, err := desks.In(tx).With(tree...).OrderBy(deskID.Asc()).All(ctx)
				check(fmt.Sprintf("in a transaction, %v", o), got, err)
				return nil
			}))
		}
		none, err := desks.In(s.tenant).With(tree...).Where(deskID.Eq(-1)).All(ctx)
		if ok(t, err); len(none) != 0 {
			t.Errorf("%d desks", len(none))
		}
		_, err = desks.In(s.tenant).With(tree...).Get(ctx, -1)
		is(t, err, rowhouse.ErrNotFound)
	})
}

// outline is what was read, as text.
func outline(list []Desk) string {
	var b strings.Builder
	for _, d := range list {
		fmt.Fprintf(&b, "%s parent %s\n", d.Name, nameOf(d.Parent))
		for _, c := range d.Children {
			fmt.Fprintf(&b, "  child %s of %s\n", c.Name, nameOf(c.Parent))
		}
		if d.Lease != nil {
			fmt.Fprintf(&b, "  lease %d%s of %d", d.Lease.House, d.Lease.Floor, len(d.Lease.Clauses))
			for _, c := range d.Lease.Clauses {
				fmt.Fprintf(&b, " %s/%s", c.Text, c.Lease.Floor)
			}
			b.WriteString("\n")
		}
		for _, k := range d.Errands {
			fmt.Fprintf(&b, "  errand %s %v", k.Title, k.Terms)
			for _, n := range k.Notes {
				fmt.Fprintf(&b, " %s/%s", n.Text, n.Of.Title)
			}
			for _, l := range k.Labels {
				b.WriteString(" " + l.Name)
			}
			for _, f := range k.Flags {
				b.WriteString(" " + f.Code)
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

func nameOf(d *Desk) string {
	if d == nil {
		return "-"
	}
	return d.Name
}

// outlineOf is what outline should be for what was furnished.
func outlineOf(id string) string {
	return strings.ReplaceAll(`@ front parent -
  child @ attic of @ front
  lease 1a of 2 two/a one/a
  errand @ door &{basic 30} @ shut/@ door hot old
  errand @ roof &{gold 90} @ cold/@ roof @ dark/@ roof @ wet/@ roof water urgent hot new
@ back parent -
  lease 1b of 0
  errand @ lamp <nil>
@ attic parent @ front
`, "@", id)
}

// TestRelationFieldsTellWhatWasRead has a relation that was not named leave its field alone, and one
// that was fill it also where there is nothing.
func TestRelationFieldsTellWhatWasRead(t *testing.T) {
	everywhere(t, deskModels, func(t *testing.T, s site) {
		ctx := t.Context()
		list := furnish(t, s, s.tenant)
		d, err := desks.In(s.tenant).With(deskErrands, deskLease).Get(ctx, list[2].ID)
		if ok(t, err); d.Errands == nil || len(d.Errands) != 0 || d.Lease != nil || d.Children != nil {
			t.Errorf("it is %+v", d)
		}
		rows, err := errands.In(s.tenant).With(errandAt).Where(errandDesk.Eq(list[0].ID)).All(ctx)
		if ok(t, err); len(rows) != 2 || rows[0].At != rows[1].At || rows[0].Notes != nil {
			t.Errorf("what two rows belong to is not one: %+v", rows)
		}
	})
}

// TestRelationsAreNarrowed has conditions, an order and a limit for each row.
func TestRelationsAreNarrowed(t *testing.T) {
	everywhere(t, deskModels, func(t *testing.T, s site) {
		ctx := t.Context()
		furnish(t, s, s.other)
		list := furnish(t, s, s.tenant)
		id := s.tenant.Tenant() + " "
		two := errandNotes.OrderBy(noteText.Desc()).Limit(2)
		rows, err := errands.In(s.tenant).With(two, errandFlags.OrderBy(flagCode.Desc()).Limit(1)).OrderBy(errandRank.Asc()).All(ctx)
		ok(t, err)
		if got, want := textsOf(rows), "door: shut; old|roof: wet dark; new|lamp: ; "; got != strings.ReplaceAll(want, "@", id) {
			t.Errorf("limited: %s, want %s", got, want)
		}
		deep, err := desks.In(s.tenant).With(deskErrands.OrderBy(errandRank.Desc()).Limit(1).With(two)).OrderBy(deskID.Asc()).Limit(2).All(ctx)
		ok(t, err)
		if got, want := textsOf(deep[0].Errands)+"/"+textsOf(deep[1].Errands), "roof: wet dark; /lamp: ; "; got != want {
			t.Errorf("limited below a limit: %s, want %s", got, want)
		}
		some := errandNotes.Where(noteText.HasSuffix("ld"))
		rows, err = errands.In(s.tenant).With(some).Where(some.Has()).All(ctx)
		if ok(t, err); textsOf(rows) != "roof: cold; " {
			t.Errorf("with a condition: %s", textsOf(rows))
		}
		none, err := errands.In(s.tenant).With(errandNotes.Limit(0)).Where(errandID.Eq(list[0].Errands[0].ID)).One(ctx)
		if ok(t, err); none.Notes == nil || len(none.Notes) != 0 {
			t.Errorf("a limit of nothing: %+v", none.Notes)
		}
		gone := list[0].Errands[0].Notes[0]
		ok(t, notes.In(s.tenant).Delete(ctx, &gone))
		for rel, want := range map[string]rowhouse.Relation[Errand, Note]{"cold dark": errandNotes, "cold dark wet": errandNotes.WithDeleted()} {
			row, err := errands.In(s.tenant).With(want.OrderBy(noteText.Asc())).Get(ctx, list[0].Errands[0].ID)
			if ok(t, err); !strings.Contains(textsOf([]Errand{row}), rel+";") {
				t.Errorf("%s, want %s", textsOf([]Errand{row}), rel)
			}
			n, err := errands.In(s.tenant).Where(want.Has(noteText.HasSuffix("wet"))).Count(ctx)
			if ok(t, err); n != int64(len(strings.Fields(rel))-2) {
				t.Errorf("%d errands have a wet note, of %s", n, rel)
			}
		}
	})
}

// textsOf are errands and their notes, without the tenant.
func textsOf(list []Errand) string {
	var all []string
	last := func(s string) string { return s[strings.LastIndex(s, " ")+1:] }
	for _, k := range list {
		var texts, codes []string
		for _, n := range k.Notes {
			texts = append(texts, last(n.Text))
		}
		for _, f := range k.Flags {
			codes = append(codes, f.Code)
		}
		all = append(all, last(k.Title)+": "+strings.Join(texts, " ")+"; "+strings.Join(codes, " "))
	}
	return strings.Join(all, "|")
}

// TestRelationsAreAskedFor has rows be found by what they are related to, and ordered and read by it.
func TestRelationsAreAskedFor(t *testing.T) {
	everywhere(t, deskModels, func(t *testing.T, s site) {
		ctx := t.Context()
		furnish(t, s, s.other)
		furnish(t, s, s.tenant)
		id := s.tenant.Tenant() + " "
		for name, c := range map[string]struct {
			where rowhouse.Predicate[Desk]
			want  string
		}{
			"has":               {deskErrands.Has(), "back front"},
			"has none":          {deskErrands.HasNo(), "attic"},
			"has with":          {deskErrands.Has(errandRank.Gt(2)), "back"},
			"has none with":     {deskErrands.HasNo(errandRank.Gt(2)), "attic front"},
			"nested":            {deskErrands.Has(errandNotes.Has(noteText.HasSuffix("wet"))), "front"},
			"nested none":       {deskErrands.Has(errandNotes.HasNo()), "back"},
			"through":           {deskNotes.Has(noteText.HasSuffix("shut")), "front"},
			"many to many":      {deskErrands.Has(errandLabels.Has(labelName.Eq("water"))), "front"},
			"itself":            {deskParent.Has(deskName.HasSuffix("front")), "attic"},
			"itself, backwards": {deskChildren.Has(), "front"},
			"key of two":        {deskLease.Has(leaseClauses.Has(clauseText.Eq("two"))), "front"},
			"other tenant's":    {deskErrands.Has(errandTitle.HasPrefix(s.other.Tenant() + " ")), ""},
			"by a column of it": {rowhouse.Via(deskParent, deskName).Eq(id + "front"), "attic"},
			"inside has":        {deskErrands.Has(rowhouse.Via(errandAt, deskName).HasSuffix("front")), "front"},
			"two ways":          {rowhouse.And(deskLease.Has(), rowhouse.Via(deskLease, leaseFloor).Ne("a")), "back"},
		} {
			got, err := rowhouse.Select[string](desks.In(s.tenant).Where(c.where).OrderBy(deskName.Asc()), deskName).All(ctx)
			if text := strings.ReplaceAll(strings.Join(got, " "), id, ""); err != nil || text != c.want {
				t.Errorf("%s: [%s] %v, want [%s]", name, text, err, c.want)
			}
		}
		rows, err := notes.In(s.tenant).OrderBy(rowhouse.Via(noteOf, rowhouse.Via(errandAt, deskName)).Asc(),
			rowhouse.Via(noteOf, errandRank).Asc(), noteText.Asc()).All(ctx)
		ok(t, err)
		var order []string
		for _, n := range rows {
			order = append(order, strings.TrimPrefix(n.Text, id))
		}
		if got := strings.Join(order, " "); got != "shut cold dark wet" {
			t.Errorf("ordered by what they belong to: %s", got)
		}
	})
}

// TestRelationsAreProjected joins related rows into a projection.
func TestRelationsAreProjected(t *testing.T) {
	everywhere(t, deskModels, func(t *testing.T, s site) {
		ctx := t.Context()
		furnish(t, s, s.other)
		furnish(t, s, s.tenant)
		type line struct {
			Title string
			Desk  string
			Notes int64
		}
		got, err := rowhouse.Select[line](errands.In(s.tenant).OrderBy(errandTitle.Asc()), errandTitle,
			rowhouse.Via(errandAt, deskName).As("desk"), rowhouse.CountOf(rowhouse.Via(errandNotes, noteID)).As("notes"),
		).GroupBy(errandTitle, rowhouse.Via(errandAt, deskName)).All(ctx)
		ok(t, err)
		id := s.tenant.Tenant()
		want := []line{{id + " door", id + " front", 1}, {id + " lamp", id + " back", 0}, {id + " roof", id + " front", 3}}
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		n, err := rowhouse.Compute(ctx, desks.In(s.tenant), rowhouse.CountOf(rowhouse.Via(deskErrands, rowhouse.Via(errandNotes, noteID))))
		if ok(t, err); n != 4 {
			t.Errorf("%d notes", n)
		}
		type days struct {
			Title string
			Days  *int
		}
		byRank := errands.In(s.tenant).OrderBy(errandRank.Desc())
		all, err := rowhouse.Select[days](byRank, errandTitle, rowhouse.Via(errandTerms, termDays)).All(ctx)
		if away(s) {
			is(t, err, rowhouse.ErrUnsupported)
			return
		}
		ok(t, err)
		if len(all) != 3 || all[0].Days != nil || *all[1].Days != 90 || *all[2].Days != 30 {
			t.Errorf("of the common house: %+v", all)
		}
	})
}

// office is a tenant's desks, with three errands that rows are linked to and unlinked from.
type office struct {
	t                  *testing.T
	in                 *rowhouse.Tenant
	front, back, attic *Desk
	roof, door, lamp   *Errand
}

// inOffices runs a test in an office beside another tenant's, which must be as it was in the end.
func inOffices(t *testing.T, fn func(o office)) {
	everywhere(t, deskModels, func(t *testing.T, s site) {
		theirs := furnish(t, s, s.other)
		list := furnish(t, s, s.tenant)
		fn(office{
			t: t, in: s.tenant, front: &list[0], back: &list[1], attic: &list[2],
			roof: &list[0].Errands[0], door: &list[0].Errands[1], lamp: &list[1].Errands[0],
		})
		below := deskErrands.OrderBy(errandRank.Asc()).With(errandNotes.OrderBy(noteText.Asc()), errandFlags.OrderBy(flagCode.Asc()))
		rows, err := desks.In(s.other).With(below).OrderBy(deskID.Asc()).All(t.Context())
		ok(t, err)
		if got := textsOf(rows[0].Errands); len(rows) != len(theirs) || got != "door: shut; hot old|roof: cold dark wet; hot new" {
			t.Errorf("the other tenant has %s", got)
		}
	})
}

// check reads what an errand is related to.
func (o office) check(errand *Errand, want string) {
	o.t.Helper()
	row, err := errands.In(o.in).With(errandNotes.OrderBy(noteText.Asc()), errandLabels.OrderBy(labelName.Asc()),
		errandFlags.OrderBy(flagCode.Asc()), errandRelated).Get(o.t.Context(), errand.ID)
	ok(o.t, err)
	var all []string
	for _, l := range row.Labels {
		all = append(all, l.Name)
	}
	for _, r := range row.Related {
		all = append(all, r.Title[strings.LastIndex(r.Title, " ")+1:])
	}
	if got := textsOf([]Errand{row}) + "; " + strings.Join(all, " "); got != want {
		o.t.Errorf("it is %q, want %q", got, want)
	}
}

// TestHasManyIsWritten links a new row and one of another's, by a foreign key that can be NULL, and unlinks
// one by a key that cannot: what is removed is deleted.
func TestHasManyIsWritten(t *testing.T) {
	inOffices(t, func(o office) {
		t, ctx, in, door := o.t, o.t.Context(), o.in, o.door
		fresh, moved := Note{Text: "a fresh"}, o.roof.Notes[0]
		ok(t, errandNotes.Of(in, door).Add(ctx, &fresh, &moved))
		o.check(door, "door: fresh shut wet; hot old; ")
		if fresh.ID == 0 || *fresh.Errand != door.ID || *moved.Errand != door.ID || moved.Version != 2 {
			t.Errorf("in memory: %+v, %+v", fresh, moved)
		}
		ok(t, errandNotes.Of(in, door).Remove(ctx, &moved))
		is(t, errandNotes.Of(in, door).Remove(ctx, &moved), rowhouse.ErrNotFound)
		o.check(door, "door: fresh shut; hot old; ")
		ok(t, errandNotes.Of(in, door).Replace(ctx, &moved, &fresh))
		o.check(door, "door: fresh wet; hot old; ")
		n, err := errandNotes.Of(in, door).Rows().Where(noteText.Contains("e")).Count(ctx)
		if ok(t, err); n != 2 {
			t.Errorf("%d rows", n)
		}
		ok(t, errandNotes.Of(in, door).Clear(ctx))
		o.check(door, "door: ; hot old; ")
		left, err := notes.In(in).Where(noteErrand.IsNull()).Count(ctx)
		if ok(t, err); left != 3 {
			t.Errorf("%d notes are of no errand", left)
		}

		ok(t, deskErrands.Of(in, o.back).Remove(ctx, o.lamp))
		_, err = errands.In(in).Get(ctx, o.lamp.ID)
		is(t, err, rowhouse.ErrNotFound)
	})
}

// TestJoinTablesAreWritten links by a table without a model, from either end; by one with a model, to rows
// with keys of their own; and rows of one model to each other.
func TestJoinTablesAreWritten(t *testing.T) {
	inOffices(t, func(o office) {
		t, ctx, in, roof, door := o.t, o.t.Context(), o.in, o.roof, o.door
		label := Label{Name: "a new one"}
		ok(t, errandLabels.Of(in, door).Add(ctx, &roof.Labels[0], &label))
		ok(t, errandLabels.Of(in, door).Add(ctx, &roof.Labels[0], &label)) // there already
		o.check(door, "door: shut; hot old; a new one urgent")
		o.check(roof, "roof: cold dark wet; hot new; urgent water")
		ok(t, labelErrands.Of(in, &roof.Labels[1]).Replace(ctx, door))
		o.check(door, "door: shut; hot old; a new one urgent water")
		o.check(roof, "roof: cold dark wet; hot new; urgent")
		ok(t, errandLabels.Of(in, door).Remove(ctx, &label))
		is(t, errandLabels.Of(in, door).Remove(ctx, &label), rowhouse.ErrNotFound)
		ok(t, errandLabels.Of(in, door).Clear(ctx))
		o.check(door, "door: shut; hot old; ")
		there, err := labels.In(in).Count(ctx)
		if ok(t, err); there != 3 {
			t.Errorf("%d labels are left", there)
		}

		ok(t, errandFlags.Of(in, door).Replace(ctx, &Flag{"new"}, &Flag{"newer"}))
		o.check(door, "door: shut; new newer; ")
		ok(t, errandRelated.Of(in, door).Add(ctx, roof))
		o.check(door, "door: shut; new newer; roof")
		o.check(roof, "roof: cold dark wet; hot new; urgent")
	})
}

// TestBelongsToIsWritten changes the row's own foreign key, in the database and in memory.
func TestBelongsToIsWritten(t *testing.T) {
	inOffices(t, func(o office) {
		t, ctx, in, door, attic := o.t, o.t.Context(), o.in, o.door, o.attic
		ok(t, errandAt.Of(in, door).Add(ctx, attic))
		moved, err := errands.In(in).With(errandAt).Get(ctx, door.ID)
		if ok(t, err); moved.At.ID != attic.ID || door.Desk != attic.ID {
			t.Errorf("it is at %+v", moved.At)
		}
		is(t, errandAt.Of(in, door).Clear(ctx), rowhouse.ErrInvalid) // it always belongs to one
		cellar := Desk{Name: "cellar"}
		ok(t, deskParent.Of(in, attic).Add(ctx, &cellar))
		if cellar.ID == 0 || *attic.Chief != cellar.ID {
			t.Errorf("in memory: %+v of %+v", attic, cellar)
		}
		ok(t, deskParent.Of(in, attic).Remove(ctx, &cellar))
		if got, err := desks.In(in).Get(ctx, attic.ID); err != nil || got.Chief != nil || attic.Chief != nil {
			t.Errorf("it has %+v, %v", got, err)
		}
	})
}

// TestHasOneIsWritten has another row take the place of the one that was there.
func TestHasOneIsWritten(t *testing.T) {
	inOffices(t, func(o office) {
		t, ctx := o.t, o.t.Context()
		ok(t, deskLease.Of(o.in, o.back).Add(ctx, &Lease{House: 7, Floor: "x"}))
		at, err := desks.In(o.in).With(deskLease).Get(ctx, o.back.ID)
		if ok(t, err); at.Lease == nil || at.Lease.House != 7 {
			t.Errorf("the lease is %+v", at.Lease)
		}
	})
}

// TestInsertWithIsOne has what fails leave nothing, in the database and in memory.
func TestInsertWithIsOne(t *testing.T) {
	everywhere(t, deskModels, func(t *testing.T, s site) {
		ctx := t.Context()
		is(t, labels.In(s.tenant).Insert(ctx, &Label{Name: "taken"}), nil)
		desk := Desk{Name: "d", Errands: []Errand{{Title: "t", Labels: []Label{{Name: "free"}, {Name: "taken"}}}}}
		before := fmt.Sprintf("%+v", desk)
		table := desks.In(s.tenant).With(deskErrands.With(errandLabels))
		is(t, table.Insert(ctx, &desk), rowhouse.ErrConflict)
		if after := fmt.Sprintf("%+v", desk); after != before {
			t.Errorf("in memory it is %s, and was %s", after, before)
		}
		n, err := desks.In(s.tenant).Count(ctx)
		m, err2 := labels.In(s.tenant).Count(ctx)
		if ok(t, errors.Join(err, err2)); n != 0 || m != 1 {
			t.Errorf("%d desks and %d labels are there", n, m)
		}
		desk.Errands[0].Labels[1].Name = "another"
		ok(t, table.Insert(ctx, &desk))
		got, err := table.Get(ctx, desk.ID)
		ok(t, err)
		if fmt.Sprintf("%+v", got.Errands) != fmt.Sprintf("%+v", desk.Errands) {
			t.Errorf("it has %+v, want %+v", got.Errands, desk.Errands)
		}
		// The other way round: what a row belongs to goes first.
		note := Note{Text: "n", Of: &Errand{Title: "new", At: &Desk{Name: "newer"}}}
		ok(t, notes.In(s.tenant).With(noteOf.With(errandAt)).Insert(ctx, &note))
		back, err := notes.In(s.tenant).With(noteOf.With(errandAt)).Get(ctx, note.ID)
		if ok(t, err); back.Of == nil || back.Of.At == nil || back.Of.At.Name != "newer" {
			t.Errorf("it belongs to %+v", back.Of)
		}
	})
}

// TestRelationMistakes has what makes no sense be refused, before any SQL.
func TestRelationMistakes(t *testing.T) {
	everywhere(t, deskModels, func(t *testing.T, s site) {
		ctx := t.Context()
		list := furnish(t, s, s.tenant)
		roof := &list[0].Errands[0]
		many := rowhouse.Via(deskErrands, errandTitle)
		sub := rowhouse.Select[int64](notes.In(s.other), noteID)
		for name, try := range map[string]func() error{
			"a value of many":  func() error { _, err := desks.In(s.tenant).Where(many.Eq("x")).All(ctx); return err },
			"an order by many": func() error { _, err := desks.In(s.tenant).OrderBy(many.Asc()).All(ctx); return err },
			"a write that joins": func() error {
				_, err := desks.In(s.tenant).DeleteWhere(ctx, rowhouse.Via(deskParent, deskName).Eq("x"))
				return err
			},
			"has with a limit": func() error { _, err := desks.In(s.tenant).Where(deskErrands.Limit(1).Has()).All(ctx); return err },
			"via with conditions": func() error {
				_, err := notes.In(s.tenant).OrderBy(rowhouse.Via(noteOf.Where(errandRank.Gt(1)), errandRank).Asc()).All(ctx)
				return err
			},
			"via of an aggregate": func() error {
				_, err := rowhouse.Compute(ctx, desks.In(s.tenant), rowhouse.Via(deskErrands, rowhouse.Sum(errandRank)))
				return err
			},
			"a sub-query of another's": func() error {
				_, err := errands.In(s.tenant).With(errandNotes.Where(noteID.InQuery(sub))).All(ctx)
				return err
			},
			"has by another's": func() error {
				_, err := errands.In(s.tenant).Where(errandNotes.Has(noteID.InQuery(sub))).All(ctx)
				return err
			},
			"no such filter": func() error { _, err := errands.In(s.tenant).With(errandNotes.Without("none")).All(ctx); return err },
			"has, no such filter": func() error {
				_, err := errands.In(s.tenant).Where(errandNotes.Without("none").Has()).All(ctx)
				return err
			},
			"no field": func() error { _, err := errands.In(s.tenant).With(errandFlaggings).All(ctx); return err },
			"a page by an expression": func() error {
				for _, err := range errands.In(s.tenant).With(errandNotes).OrderBy(rowhouse.Lower(errandTitle).Asc()).Each(ctx) {
					return err
				}
				return nil
			},
			"a row that is not there": func() error { return errandNotes.Of(s.tenant, &Errand{}).Add(ctx, &Note{}) },
			"nil":                     func() error { return errandNotes.Of(s.tenant, roof).Add(ctx, nil) },
			"no row":                  func() error { return errandNotes.Of(s.tenant, nil).Add(ctx, &Note{}) },
			"two for one":             func() error { return deskLease.Of(s.tenant, &list[0]).Add(ctx, &Lease{}, &Lease{}) },
			"a write by conditions":   func() error { return errandNotes.Where(noteText.Eq("x")).Of(s.tenant, roof).Clear(ctx) },
			"a write through":         func() error { return deskNotes.Of(s.tenant, &list[0]).Add(ctx, &Note{}) },
			"a new common row":        func() error { return errandTerms.Of(s.tenant, roof).Add(ctx, &Term{Code: "mine"}) },
		} {
			if err := try(); !errors.Is(err, rowhouse.ErrInvalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		is(t, errandNotes.Of(nil, roof).Add(ctx, &Note{}), rowhouse.ErrUnknownTenant)
	})
}

// TestRelationDefinitions has relations that cannot be be refused where they are declared.
func TestRelationDefinitions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		define func()
		want   string
	}{
		"common to a tenant's":  {func() { rowhouse.HasMany[Term, Errand](termCode, errandPlan, nil) }, `"term" belongs to no tenant`},
		"a column of nothing":   {func() { rowhouse.HasMany(rowhouse.Column[Desk, int64]{}, errandDesk, nil) }, "was not made by Col"},
		"a pair twice":          {func() { deskErrands.On(deskID, errandDesk) }, "paired twice"},
		"another kind":          {func() { deskErrands.On(deskName, errandRank) }, "is text, but"},
		"another model":         {func() { deskChildren.On(deskID, rowhouse.Column[Desk, int64]{}) }, "of other models"},
		"on a join table":       {func() { errandFlags.On(errandTitle, flagCode) }, "other tables"},
		"through conditions":    {func() { rowhouse.Through(deskErrands.Limit(1), errandNotes, nil) }, "as it was defined"},
		"inverse of has many":   {func() { deskErrands.Inverse(nil) }, "only a relation by a join table"},
		"a name that is a word": {func() { rowhouse.ManyToMany(errandID, labelID, "", nil) }, "join table"},
	} {
		func() {
			defer func() {
				if text := fmt.Sprint(recover()); !strings.Contains(text, c.want) {
					t.Errorf("%s: it said %q, want %q", name, text, c.want)
				}
			}()
			c.define()
		}()
	}
}

// TestRelationsRunHooksAndFilters has related rows be treated as any others of their model.
func TestRelationsRunHooksAndFilters(t *testing.T) {
	o := rowhouse.Options{Models: deskModels, Behaviors: []rowhouse.AnyBehavior{
		rowhouse.Behavior[Note]{
			Model:   notes,
			Filters: []rowhouse.Filter[Note]{{Name: "dry", Where: rowhouse.Not(noteText.HasSuffix("wet"))}},
			AfterLoad: func(_ context.Context, s rowhouse.Scope, n *Note) error {
				n.Text = s.Tenant() + "!"
				return nil
			},
		},
		rowhouse.Behavior[Errand]{
			Model:   errands,
			Filters: []rowhouse.Filter[Errand]{{Name: "noted", Where: errandNotes.Has()}},
			AfterLoad: func(_ context.Context, _ rowhouse.Scope, k *Errand) error {
				k.Rank = len(k.Notes) // they are there already
				return nil
			},
		},
	}}
	everywhereWith(t, o, func(t *testing.T, s site) {
		ctx := t.Context()
		furnish(t, s, s.tenant)
		tree := deskErrands.OrderBy(errandTitle.Asc()).With(errandNotes)
		all, err := desks.In(s.tenant).With(tree).OrderBy(deskID.Asc()).All(ctx)
		ok(t, err)
		if len(all[0].Errands) != 2 || len(all[1].Errands) != 0 || all[0].Errands[1].Rank != 2 ||
			all[0].Errands[1].Notes[0].Text != s.tenant.Tenant()+"!" {
			t.Errorf("it has %+v", all)
		}
		lifted := deskErrands.Without("noted").OrderBy(errandTitle.Asc()).With(errandNotes.Without("dry"))
		all, err = desks.In(s.tenant).With(lifted).OrderBy(deskID.Asc()).All(ctx)
		ok(t, err)
		if len(all[0].Errands) != 2 || len(all[1].Errands) != 1 || len(all[0].Errands[1].Notes) != 3 {
			t.Errorf("without the filters it has %+v", all)
		}
		for want, p := range map[int64]rowhouse.Predicate[Desk]{
			0: deskErrands.Has(errandNotes.Has(noteText.HasSuffix("wet"))),
			1: deskErrands.Has(errandNotes.Without("dry").Has(noteText.HasSuffix("wet"))),
			2: deskErrands.Without("noted").Has(),
		} {
			n, err := desks.In(s.tenant).Where(p).Count(ctx)
			if ok(t, err); n != want {
				t.Errorf("%d desks, want %d", n, want)
			}
		}
	})
}

// TestRelationsOfManyRows reads more rows than go into a page, in one statement for each relation.
func TestRelationsOfManyRows(t *testing.T) {
	t.Parallel()
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			var statements []string
			ctx := t.Context()
			drv, prefix := e.open(t)
			in := tenantOf(t, openFleetWith(t, drv, prefix, rowhouse.Options{
				Models: deskModels, Observe: func(_ context.Context, e rowhouse.Event) {
					if e.Op == "select" && !e.Catalog {
						statements = append(statements, e.Model)
					}
				},
			}), "prefix")
			tree := desks.In(in).With(deskErrands.With(errandNotes))
			ok(t, tree.InsertMany(ctx, deskRows()))
			all, err := tree.OrderBy(deskID.Asc()).All(ctx)
			ok(t, err)
			if !slices.Equal(statements, []string{"desk", "errand", "note"}) {
				t.Errorf("it took %v", statements)
			}
			var each []Desk
			for desk, err := range tree.Offset(1).Limit(600).Each(ctx) {
				ok(t, err)
				each = append(each, desk)
			}
			if len(all) != manyDesks || len(each) != 600 {
				t.Fatalf("%d and %d rows", len(all), len(each))
			}
			checkDesks(t, all, 0)
			checkDesks(t, each, 1)
		})
	}
}

const manyDesks = 700

// deskRows are desks with no errand, one or two, each with a note.
func deskRows() []Desk {
	list := make([]Desk, manyDesks)
	for i := range list {
		list[i].Name = strconv.Itoa(i)
		for range i % 3 {
			list[i].Errands = append(list[i].Errands, Errand{Title: list[i].Name, Notes: []Note{{Text: list[i].Name}}})
		}
	}
	return list
}

// checkDesks compares rows with those of deskRows, from the first on.
func checkDesks(t *testing.T, got []Desk, first int) {
	t.Helper()
	for i, d := range got {
		if d.Name != strconv.Itoa(i+first) || len(d.Errands) != (i+first)%3 {
			t.Fatalf("row %d is %+v", i, d)
		}
		for _, k := range d.Errands {
			if k.Title != d.Name || len(k.Notes) != 1 || k.Notes[0].Text != d.Name {
				t.Fatalf("row %d has %+v", i, k)
			}
		}
	}
}

// TestWritesByRelations has rows be changed by what they are related to, also where that is the table that is
// changed.
func TestWritesByRelations(t *testing.T) {
	everywhere(t, deskModels, func(t *testing.T, s site) {
		ctx := t.Context()
		furnish(t, s, s.other)
		furnish(t, s, s.tenant)
		for name, c := range map[string]struct {
			where rowhouse.Predicate[Desk]
			want  int64
		}{
			"itself":         {deskChildren.Has(), 1},
			"none of its":    {deskChildren.HasNo(), 2},
			"a table apart":  {deskErrands.Has(errandNotes.Has()), 1},
			"there and back": {deskErrands.Has(errandAt.Has(deskName.HasSuffix("front"))), 1},
		} {
			n, err := desks.In(s.tenant).UpdateWhere(ctx, c.where, deskName.SetTo(rowhouse.Concat(deskName, rowhouse.Literal[Desk](""))))
			if err != nil || n != c.want {
				t.Errorf("update, %s: %d rows, %v", name, n, err)
			}
		}
		n, err := desks.In(s.tenant).DeleteWhere(ctx, rowhouse.And(deskParent.Has(), deskChildren.HasNo()))
		if err != nil || n != 1 {
			t.Errorf("delete: %d rows, %v", n, err)
		}
		left, err := desks.In(s.other).Count(ctx)
		if ok(t, err); left != 3 {
			t.Errorf("the other tenant has %d desks", left)
		}
	})
}

// TestRowsAreTheCallers has rows that were read stay as they were, with what was read along, whatever is read
// after them; and have no more room than memory is dealt out in.
func TestRowsAreTheCallers(t *testing.T) {
	everywhere(t, library, func(t *testing.T, s site) {
		ctx := t.Context()
		want := shelvesOf(20)
		ok(t, shelves.In(s.tenant).With(shelfBooks).InsertMany(ctx, want))
		strangers := shelvesOf(30)
		for i := range strangers {
			strangers[i].Name = "another's"
		}
		ok(t, shelves.In(s.other).With(shelfBooks).InsertMany(ctx, strangers))
		q := shelvesBelow(s.tenant, 1000)
		plain, err := q.All(ctx)
		ok(t, err)
		full, err := q.With(shelfBooks).All(ctx)
		ok(t, err)
		for _, again := range []rowhouse.Query[Shelf]{
			shelvesBelow(s.other, 1000), shelvesBelow(s.other, 1000).With(shelfBooks), shelvesBelow(s.tenant, 3), shelvesBelow(s.tenant, 0),
		} {
			_, err := again.All(ctx)
			ok(t, err)
		}
		if !reflect.DeepEqual(full, want) {
			t.Errorf("%+v, want %+v", full, want)
		}
		if most := len(want) + 4; cap(full) > most || cap(plain) > most {
			t.Errorf("%d rows have room for %d and %d", len(want), cap(full), cap(plain))
		}
		for i := range plain {
			if plain[i].ID != want[i].ID || plain[i].Name != want[i].Name || plain[i].Books != nil {
				t.Errorf("%+v, want %+v", plain[i], want[i])
			}
		}
	})
}
