package rowhouse_test

import (
	"context"
	"errors"
	"fmt"
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

		Parent   *Desk  `db:"-"`
		Children []Desk `db:"-"`
		Jobs     []Job  `db:"-"`
		Lease    *Lease `db:"-"`
	}
	Job struct {
		ID    int64  `db:"id,pk,auto"`
		Desk  int64  `db:"desk_id,ref:desk.id,ondelete:cascade,index"`
		Title string `db:"title,size:80"`
		Rank  int    `db:"rank"`
		Plan  string `db:"plan_code,size:20"`

		At      *Desk   `db:"-"`
		Notes   []Note  `db:"-"`
		Labels  []Label `db:"-"`
		Flags   []Flag  `db:"-"`
		Terms   *Term   `db:"-"`
		Related []Job   `db:"-"`
	}
	Note struct {
		ID      int64      `db:"id,pk,auto"`
		Job     *int64     `db:"job_id,ref:job.id,index"`
		Text    string     `db:"text,size:80"`
		Deleted *time.Time `db:"deleted_at,softdelete"`
		Version int64      `db:"version,lock"`

		Of *Job `db:"-"`
	}
	// Label is linked to jobs by a join table without a model.
	Label struct {
		ID   int64  `db:"id,pk,auto"`
		Name string `db:"name,size:40,unique"`
		Jobs []Job  `db:"-"`
	}
	// Flag has a key of its own, and Flagging is the model between.
	Flag struct {
		Code string `db:"code,pk,size:20"`
	}
	Flagging struct {
		Job   int64      `db:"job_id,pk,ref:job.id,ondelete:cascade"`
		Flag  string     `db:"flag_code,pk,size:20,ref:flag.code,index"`
		Since time.Time  `db:"since,created"`
		Ended *time.Time `db:"ended_at"`
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
	jobs      = rowhouse.MustDefine[Job]("job")
	notes     = rowhouse.MustDefine[Note]("note")
	labels    = rowhouse.MustDefine[Label]("label")
	flags     = rowhouse.MustDefine[Flag]("flag")
	flaggings = rowhouse.MustDefine[Flagging]("flagging")
	leases    = rowhouse.MustDefine[Lease]("lease")
	clauses   = rowhouse.MustDefine[Clause]("clause")
	terms     = rowhouse.MustDefineCommon[Term]("term")

	deskID       = rowhouse.Col(desks, func(d *Desk) *int64 { return &d.ID })
	deskName     = rowhouse.Col(desks, func(d *Desk) *string { return &d.Name })
	deskChief    = rowhouse.Nullable(desks, func(d *Desk) **int64 { return &d.Chief })
	jobID        = rowhouse.Col(jobs, func(t *Job) *int64 { return &t.ID })
	jobDesk      = rowhouse.Col(jobs, func(t *Job) *int64 { return &t.Desk })
	jobTitle     = rowhouse.Col(jobs, func(t *Job) *string { return &t.Title })
	jobRank      = rowhouse.Col(jobs, func(t *Job) *int { return &t.Rank })
	jobPlan      = rowhouse.Col(jobs, func(t *Job) *string { return &t.Plan })
	noteID       = rowhouse.Col(notes, func(n *Note) *int64 { return &n.ID })
	noteJob      = rowhouse.Nullable(notes, func(n *Note) **int64 { return &n.Job })
	noteText     = rowhouse.Col(notes, func(n *Note) *string { return &n.Text })
	labelID      = rowhouse.Col(labels, func(l *Label) *int64 { return &l.ID })
	labelName    = rowhouse.Col(labels, func(l *Label) *string { return &l.Name })
	flagCode     = rowhouse.Col(flags, func(f *Flag) *string { return &f.Code })
	flaggingJob  = rowhouse.Col(flaggings, func(f *Flagging) *int64 { return &f.Job })
	flaggingFlag = rowhouse.Col(flaggings, func(f *Flagging) *string { return &f.Flag })
	leaseHouse   = rowhouse.Col(leases, func(l *Lease) *int64 { return &l.House })
	leaseFloor   = rowhouse.Col(leases, func(l *Lease) *string { return &l.Floor })
	leaseDesk    = rowhouse.Col(leases, func(l *Lease) *int64 { return &l.Desk })
	clauseHouse  = rowhouse.Col(clauses, func(c *Clause) *int64 { return &c.House })
	clauseFloor  = rowhouse.Col(clauses, func(c *Clause) *string { return &c.Floor })
	clauseText   = rowhouse.Col(clauses, func(c *Clause) *string { return &c.Text })
	termCode     = rowhouse.Col(terms, func(t *Term) *string { return &t.Code })
	termDays     = rowhouse.Col(terms, func(t *Term) *int { return &t.Days })

	deskParent   = rowhouse.BelongsTo(deskChief, deskID, func(d *Desk) **Desk { return &d.Parent })
	deskChildren = rowhouse.HasMany(deskID, deskChief, func(d *Desk) *[]Desk { return &d.Children })
	deskJobs     = rowhouse.HasMany(deskID, jobDesk, func(d *Desk) *[]Job { return &d.Jobs })
	deskLease    = rowhouse.HasOne(deskID, leaseDesk, func(d *Desk) **Lease { return &d.Lease })
	deskNotes    = rowhouse.Through(deskJobs, jobNotes, func(d *Desk) *[]Note { return nil })
	jobAt        = rowhouse.BelongsTo(jobDesk, deskID, func(t *Job) **Desk { return &t.At })
	jobNotes     = rowhouse.HasMany(jobID, noteJob, func(t *Job) *[]Note { return &t.Notes })
	jobLabels    = rowhouse.ManyToMany(jobID, labelID, "job_label", func(t *Job) *[]Label { return &t.Labels })
	labelJobs    = jobLabels.Inverse(func(l *Label) *[]Job { return &l.Jobs })
	jobFlaggings = rowhouse.HasMany(jobID, flaggingJob, nil)
	flaggingOf   = rowhouse.BelongsTo(flaggingFlag, flagCode, nil)
	jobFlags     = rowhouse.Through(jobFlaggings, flaggingOf, func(t *Job) *[]Flag { return &t.Flags })
	jobTerms     = rowhouse.BelongsTo(jobPlan, termCode, func(t *Job) **Term { return &t.Terms })
	jobRelated   = rowhouse.ManyToMany(jobID, jobID, "job_related", func(t *Job) *[]Job { return &t.Related })
	noteOf       = rowhouse.BelongsTo(noteJob, jobID, func(n *Note) **Job { return &n.Of })
	leaseClauses = rowhouse.HasMany(leaseHouse, clauseHouse, func(l *Lease) *[]Clause { return &l.Clauses }).On(leaseFloor, clauseFloor)
	clauseLease  = rowhouse.BelongsTo(clauseHouse, leaseHouse, func(c *Clause) **Lease { return &c.Lease }).On(clauseFloor, leaseFloor)

	deskModels = rowhouse.Models(desks, jobs, notes, labels, flags, flaggings, leases, clauses, terms,
		jobLabels.JoinTable(), jobRelated.JoinTable())
)

// furnish gives a tenant three desks: the first with two jobs, the second with one, the third with
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
		{Name: id + " front", Lease: &Lease{House: 1, Floor: "a", Clauses: []Clause{{Text: "one"}, {Text: "two"}}}, Jobs: []Job{
			{
				Title: id + " roof", Rank: 2, Plan: "gold", Notes: []Note{note("wet"), note("cold"), note("dark")},
				Labels: []Label{{Name: "urgent"}, {Name: "water"}}, Flags: []Flag{{"hot"}, {"new"}},
			},
			{Title: id + " door", Rank: 1, Plan: "basic", Notes: []Note{note("shut")}, Flags: []Flag{{"old"}, {"hot"}}},
		}},
		{Name: id + " back", Lease: &Lease{House: 1, Floor: "b"}, Jobs: []Job{{Title: id + " lamp", Rank: 3, Plan: "none"}}},
		{Name: id + " attic"},
	}
	tree := deskJobs.With(jobNotes, jobLabels, jobFlags)
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
		notesOf := jobNotes.OrderBy(noteText.Asc()).With(noteOf)
		tree := []rowhouse.AnyRelation[Desk]{
			deskJobs.OrderBy(jobRank.Asc()).With(notesOf, jobLabels.OrderBy(labelName.Desc()), jobFlags.OrderBy(flagCode.Asc()), jobTerms),
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
		for _, k := range d.Jobs {
			fmt.Fprintf(&b, "  job %s %v", k.Title, k.Terms)
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
  job @ door &{basic 30} @ shut/@ door hot old
  job @ roof &{gold 90} @ cold/@ roof @ dark/@ roof @ wet/@ roof water urgent hot new
@ back parent -
  lease 1b of 0
  job @ lamp <nil>
@ attic parent @ front
`, "@", id)
}

// TestRelationFieldsTellWhatWasRead has a relation that was not named leave its field alone, and one
// that was fill it also where there is nothing.
func TestRelationFieldsTellWhatWasRead(t *testing.T) {
	everywhere(t, deskModels, func(t *testing.T, s site) {
		ctx := t.Context()
		list := furnish(t, s, s.tenant)
		d, err := desks.In(s.tenant).With(deskJobs, deskLease).Get(ctx, list[2].ID)
		if ok(t, err); d.Jobs == nil || len(d.Jobs) != 0 || d.Lease != nil || d.Children != nil {
			t.Errorf("it is %+v", d)
		}
		rows, err := jobs.In(s.tenant).With(jobAt).Where(jobDesk.Eq(list[0].ID)).All(ctx)
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
		two := jobNotes.OrderBy(noteText.Desc()).Limit(2)
		rows, err := jobs.In(s.tenant).With(two, jobFlags.OrderBy(flagCode.Desc()).Limit(1)).OrderBy(jobRank.Asc()).All(ctx)
		ok(t, err)
		if got, want := textsOf(rows), "door: shut; old|roof: wet dark; new|lamp: ; "; got != strings.ReplaceAll(want, "@", id) {
			t.Errorf("limited: %s, want %s", got, want)
		}
		deep, err := desks.In(s.tenant).With(deskJobs.OrderBy(jobRank.Desc()).Limit(1).With(two)).OrderBy(deskID.Asc()).Limit(2).All(ctx)
		ok(t, err)
		if got, want := textsOf(deep[0].Jobs)+"/"+textsOf(deep[1].Jobs), "roof: wet dark; /lamp: ; "; got != want {
			t.Errorf("limited below a limit: %s, want %s", got, want)
		}
		some := jobNotes.Where(noteText.HasSuffix("ld"))
		rows, err = jobs.In(s.tenant).With(some).Where(some.Has()).All(ctx)
		if ok(t, err); textsOf(rows) != "roof: cold; " {
			t.Errorf("with a condition: %s", textsOf(rows))
		}
		none, err := jobs.In(s.tenant).With(jobNotes.Limit(0)).Where(jobID.Eq(list[0].Jobs[0].ID)).One(ctx)
		if ok(t, err); none.Notes == nil || len(none.Notes) != 0 {
			t.Errorf("a limit of nothing: %+v", none.Notes)
		}
		gone := list[0].Jobs[0].Notes[0]
		ok(t, notes.In(s.tenant).Delete(ctx, &gone))
		for rel, want := range map[string]rowhouse.Relation[Job, Note]{"cold dark": jobNotes, "cold dark wet": jobNotes.WithDeleted()} {
			row, err := jobs.In(s.tenant).With(want.OrderBy(noteText.Asc())).Get(ctx, list[0].Jobs[0].ID)
			if ok(t, err); !strings.Contains(textsOf([]Job{row}), rel+";") {
				t.Errorf("%s, want %s", textsOf([]Job{row}), rel)
			}
			n, err := jobs.In(s.tenant).Where(want.Has(noteText.HasSuffix("wet"))).Count(ctx)
			if ok(t, err); n != int64(len(strings.Fields(rel))-2) {
				t.Errorf("%d jobs have a wet note, of %s", n, rel)
			}
		}
	})
}

// textsOf are jobs and their notes, without the tenant.
func textsOf(list []Job) string {
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
			"has":               {deskJobs.Has(), "back front"},
			"has none":          {deskJobs.HasNo(), "attic"},
			"has with":          {deskJobs.Has(jobRank.Gt(2)), "back"},
			"has none with":     {deskJobs.HasNo(jobRank.Gt(2)), "attic front"},
			"nested":            {deskJobs.Has(jobNotes.Has(noteText.HasSuffix("wet"))), "front"},
			"nested none":       {deskJobs.Has(jobNotes.HasNo()), "back"},
			"through":           {deskNotes.Has(noteText.HasSuffix("shut")), "front"},
			"many to many":      {deskJobs.Has(jobLabels.Has(labelName.Eq("water"))), "front"},
			"itself":            {deskParent.Has(deskName.HasSuffix("front")), "attic"},
			"itself, backwards": {deskChildren.Has(), "front"},
			"key of two":        {deskLease.Has(leaseClauses.Has(clauseText.Eq("two"))), "front"},
			"other tenant's":    {deskJobs.Has(jobTitle.HasPrefix(s.other.Tenant() + " ")), ""},
			"by a column of it": {rowhouse.Via(deskParent, deskName).Eq(id + "front"), "attic"},
			"inside has":        {deskJobs.Has(rowhouse.Via(jobAt, deskName).HasSuffix("front")), "front"},
			"two ways":          {rowhouse.And(deskLease.Has(), rowhouse.Via(deskLease, leaseFloor).Ne("a")), "back"},
		} {
			got, err := rowhouse.Select[string](desks.In(s.tenant).Where(c.where).OrderBy(deskName.Asc()), deskName).All(ctx)
			if text := strings.ReplaceAll(strings.Join(got, " "), id, ""); err != nil || text != c.want {
				t.Errorf("%s: [%s] %v, want [%s]", name, text, err, c.want)
			}
		}
		rows, err := notes.In(s.tenant).OrderBy(rowhouse.Via(noteOf, rowhouse.Via(jobAt, deskName)).Asc(),
			rowhouse.Via(noteOf, jobRank).Asc(), noteText.Asc()).All(ctx)
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
		got, err := rowhouse.Select[line](jobs.In(s.tenant).OrderBy(jobTitle.Asc()), jobTitle,
			rowhouse.Via(jobAt, deskName).As("desk"), rowhouse.CountOf(rowhouse.Via(jobNotes, noteID)).As("notes"),
		).GroupBy(jobTitle, rowhouse.Via(jobAt, deskName)).All(ctx)
		ok(t, err)
		id := s.tenant.Tenant()
		want := []line{{id + " door", id + " front", 1}, {id + " lamp", id + " back", 0}, {id + " roof", id + " front", 3}}
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		n, err := rowhouse.Compute(ctx, desks.In(s.tenant), rowhouse.CountOf(rowhouse.Via(deskJobs, rowhouse.Via(jobNotes, noteID))))
		if ok(t, err); n != 4 {
			t.Errorf("%d notes", n)
		}
		type days struct {
			Title string
			Days  *int
		}
		all, err := rowhouse.Select[days](jobs.In(s.tenant).OrderBy(jobRank.Desc()), jobTitle, rowhouse.Via(jobTerms, termDays)).All(ctx)
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

// TestRelatedRowsAreWritten links rows and unlinks them, in each kind of relation.
func TestRelatedRowsAreWritten(t *testing.T) { //nolint:gocognit // one thing after the other
	everywhere(t, deskModels, func(t *testing.T, s site) {
		ctx := t.Context()
		theirs := furnish(t, s, s.other)
		list := furnish(t, s, s.tenant)
		front, back, attic := &list[0], &list[1], &list[2]
		roof, door, lamp := &front.Jobs[0], &front.Jobs[1], &back.Jobs[0]
		in := s.tenant
		names := func(job *Job) string {
			t.Helper()
			row, err := jobs.In(in).With(jobNotes.OrderBy(noteText.Asc()), jobLabels.OrderBy(labelName.Asc()),
				jobFlags.OrderBy(flagCode.Asc()), jobRelated).Get(ctx, job.ID)
			ok(t, err)
			var all []string
			for _, l := range row.Labels {
				all = append(all, l.Name)
			}
			for _, r := range row.Related {
				all = append(all, r.Title[strings.LastIndex(r.Title, " ")+1:])
			}
			return textsOf([]Job{row}) + "; " + strings.Join(all, " ")
		}
		check := func(job *Job, want string) {
			t.Helper()
			if got := names(job); got != want {
				t.Errorf("it is %q, want %q", got, want)
			}
		}

		// HasMany: a new row and one of another's, whose foreign key can be NULL.
		fresh, moved := Note{Text: "a fresh"}, roof.Notes[0]
		ok(t, jobNotes.Of(in, door).Add(ctx, &fresh, &moved))
		check(door, "door: fresh shut wet; hot old; ")
		if fresh.ID == 0 || *fresh.Job != door.ID || *moved.Job != door.ID || moved.Version != 2 {
			t.Errorf("in memory: %+v, %+v", fresh, moved)
		}
		ok(t, jobNotes.Of(in, door).Remove(ctx, &moved))
		is(t, jobNotes.Of(in, door).Remove(ctx, &moved), rowhouse.ErrNotFound)
		check(door, "door: fresh shut; hot old; ")
		ok(t, jobNotes.Of(in, door).Replace(ctx, &moved, &fresh))
		check(door, "door: fresh wet; hot old; ")
		n, err := jobNotes.Of(in, door).Rows().Where(noteText.Contains("e")).Count(ctx)
		if ok(t, err); n != 2 {
			t.Errorf("%d rows", n)
		}
		ok(t, jobNotes.Of(in, door).Clear(ctx))
		check(door, "door: ; hot old; ")
		left, err := notes.In(in).Where(noteJob.IsNull()).Count(ctx)
		if ok(t, err); left != 3 {
			t.Errorf("%d notes are of no job", left)
		}

		// HasMany whose foreign key cannot be NULL: what is removed is deleted.
		ok(t, deskJobs.Of(in, back).Remove(ctx, lamp))
		_, err = jobs.In(in).Get(ctx, lamp.ID)
		is(t, err, rowhouse.ErrNotFound)

		// A join table without a model, and its inverse.
		label := Label{Name: "a new one"}
		ok(t, jobLabels.Of(in, door).Add(ctx, &roof.Labels[0], &label))
		ok(t, jobLabels.Of(in, door).Add(ctx, &roof.Labels[0], &label)) // there already
		check(door, "door: ; hot old; a new one urgent")
		check(roof, "roof: cold dark; hot new; urgent water")
		ok(t, labelJobs.Of(in, &roof.Labels[1]).Replace(ctx, door))
		check(door, "door: ; hot old; a new one urgent water")
		check(roof, "roof: cold dark; hot new; urgent")
		ok(t, jobLabels.Of(in, door).Remove(ctx, &label))
		is(t, jobLabels.Of(in, door).Remove(ctx, &label), rowhouse.ErrNotFound)
		ok(t, jobLabels.Of(in, door).Clear(ctx))
		check(door, "door: ; hot old; ")
		there, err := labels.In(in).Count(ctx)
		if ok(t, err); there != 3 {
			t.Errorf("%d labels are left", there)
		}

		// A join table with a model, to rows with keys of their own; and a relation to itself.
		ok(t, jobFlags.Of(in, door).Replace(ctx, &Flag{"new"}, &Flag{"newer"}))
		check(door, "door: ; new newer; ")
		ok(t, jobRelated.Of(in, door).Add(ctx, roof))
		check(door, "door: ; new newer; roof")
		check(roof, "roof: cold dark; hot new; urgent")

		// BelongsTo: the row's own foreign key.
		ok(t, jobAt.Of(in, door).Add(ctx, attic))
		moved2, err := jobs.In(in).With(jobAt).Get(ctx, door.ID)
		if ok(t, err); moved2.At.ID != attic.ID || door.Desk != attic.ID {
			t.Errorf("it is at %+v", moved2.At)
		}
		is(t, jobAt.Of(in, door).Clear(ctx), rowhouse.ErrInvalid) // it always belongs to one
		cellar := Desk{Name: "cellar"}
		ok(t, deskParent.Of(in, attic).Add(ctx, &cellar))
		if cellar.ID == 0 || *attic.Chief != cellar.ID {
			t.Errorf("in memory: %+v of %+v", attic, cellar)
		}
		ok(t, deskParent.Of(in, attic).Remove(ctx, &cellar))
		if got, err := desks.In(in).Get(ctx, attic.ID); err != nil || got.Chief != nil || attic.Chief != nil {
			t.Errorf("it has %+v, %v", got, err)
		}

		// HasOne: another takes its place.
		lease := Lease{House: 7, Floor: "x"}
		ok(t, deskLease.Of(in, back).Add(ctx, &lease))
		at, err := desks.In(in).With(deskLease).Get(ctx, back.ID)
		if ok(t, err); at.Lease == nil || at.Lease.House != 7 {
			t.Errorf("the lease is %+v", at.Lease)
		}

		// Nobody else was touched.
		below := deskJobs.OrderBy(jobRank.Asc()).With(jobNotes.OrderBy(noteText.Asc()), jobFlags.OrderBy(flagCode.Asc()))
		rows, err := desks.In(s.other).With(below).OrderBy(deskID.Asc()).All(ctx)
		ok(t, err)
		if got := textsOf(rows[0].Jobs); len(rows) != len(theirs) || got != "door: shut; hot old|roof: cold dark wet; hot new" {
			t.Errorf("the other tenant has %s", got)
		}
	})
}

// TestInsertWithIsOne has what fails leave nothing, in the database and in memory.
func TestInsertWithIsOne(t *testing.T) {
	everywhere(t, deskModels, func(t *testing.T, s site) {
		ctx := t.Context()
		is(t, labels.In(s.tenant).Insert(ctx, &Label{Name: "taken"}), nil)
		desk := Desk{Name: "d", Jobs: []Job{{Title: "t", Labels: []Label{{Name: "free"}, {Name: "taken"}}}}}
		before := fmt.Sprintf("%+v", desk)
		table := desks.In(s.tenant).With(deskJobs.With(jobLabels))
		is(t, table.Insert(ctx, &desk), rowhouse.ErrConflict)
		if after := fmt.Sprintf("%+v", desk); after != before {
			t.Errorf("in memory it is %s, and was %s", after, before)
		}
		n, err := desks.In(s.tenant).Count(ctx)
		m, err2 := labels.In(s.tenant).Count(ctx)
		if ok(t, errors.Join(err, err2)); n != 0 || m != 1 {
			t.Errorf("%d desks and %d labels are there", n, m)
		}
		desk.Jobs[0].Labels[1].Name = "another"
		ok(t, table.Insert(ctx, &desk))
		got, err := table.Get(ctx, desk.ID)
		ok(t, err)
		if fmt.Sprintf("%+v", got.Jobs) != fmt.Sprintf("%+v", desk.Jobs) {
			t.Errorf("it has %+v, want %+v", got.Jobs, desk.Jobs)
		}
		// The other way round: what a row belongs to goes first.
		note := Note{Text: "n", Of: &Job{Title: "new", At: &Desk{Name: "newer"}}}
		ok(t, notes.In(s.tenant).With(noteOf.With(jobAt)).Insert(ctx, &note))
		back, err := notes.In(s.tenant).With(noteOf.With(jobAt)).Get(ctx, note.ID)
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
		roof := &list[0].Jobs[0]
		many := rowhouse.Via(deskJobs, jobTitle)
		sub := rowhouse.Select[int64](notes.In(s.other), noteID)
		for name, try := range map[string]func() error{
			"a value of many":  func() error { _, err := desks.In(s.tenant).Where(many.Eq("x")).All(ctx); return err },
			"an order by many": func() error { _, err := desks.In(s.tenant).OrderBy(many.Asc()).All(ctx); return err },
			"a write that joins": func() error {
				_, err := desks.In(s.tenant).DeleteWhere(ctx, rowhouse.Via(deskParent, deskName).Eq("x"))
				return err
			},
			"has with a limit": func() error { _, err := desks.In(s.tenant).Where(deskJobs.Limit(1).Has()).All(ctx); return err },
			"via with conditions": func() error {
				_, err := notes.In(s.tenant).OrderBy(rowhouse.Via(noteOf.Where(jobRank.Gt(1)), jobRank).Asc()).All(ctx)
				return err
			},
			"via of an aggregate": func() error {
				_, err := rowhouse.Compute(ctx, desks.In(s.tenant), rowhouse.Via(deskJobs, rowhouse.Sum(jobRank)))
				return err
			},
			"a sub-query of another's": func() error {
				_, err := jobs.In(s.tenant).With(jobNotes.Where(noteID.InQuery(sub))).All(ctx)
				return err
			},
			"has by another's": func() error {
				_, err := jobs.In(s.tenant).Where(jobNotes.Has(noteID.InQuery(sub))).All(ctx)
				return err
			},
			"no such filter": func() error { _, err := jobs.In(s.tenant).With(jobNotes.Without("none")).All(ctx); return err },
			"has, no such filter": func() error {
				_, err := jobs.In(s.tenant).Where(jobNotes.Without("none").Has()).All(ctx)
				return err
			},
			"no field": func() error { _, err := jobs.In(s.tenant).With(jobFlaggings).All(ctx); return err },
			"a page by an expression": func() error {
				for _, err := range jobs.In(s.tenant).With(jobNotes).OrderBy(rowhouse.Lower(jobTitle).Asc()).Each(ctx) {
					return err
				}
				return nil
			},
			"a row that is not there": func() error { return jobNotes.Of(s.tenant, &Job{}).Add(ctx, &Note{}) },
			"nil":                     func() error { return jobNotes.Of(s.tenant, roof).Add(ctx, nil) },
			"no row":                  func() error { return jobNotes.Of(s.tenant, nil).Add(ctx, &Note{}) },
			"two for one":             func() error { return deskLease.Of(s.tenant, &list[0]).Add(ctx, &Lease{}, &Lease{}) },
			"a write by conditions":   func() error { return jobNotes.Where(noteText.Eq("x")).Of(s.tenant, roof).Clear(ctx) },
			"a write through":         func() error { return deskNotes.Of(s.tenant, &list[0]).Add(ctx, &Note{}) },
			"a new common row":        func() error { return jobTerms.Of(s.tenant, roof).Add(ctx, &Term{Code: "mine"}) },
		} {
			if err := try(); !errors.Is(err, rowhouse.ErrInvalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		is(t, jobNotes.Of(nil, roof).Add(ctx, &Note{}), rowhouse.ErrUnknownTenant)
	})
}

// TestRelationDefinitions has relations that cannot be be refused where they are declared.
func TestRelationDefinitions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		define func()
		want   string
	}{
		"common to a tenant's":  {func() { rowhouse.HasMany[Term, Job](termCode, jobPlan, nil) }, `"term" belongs to no tenant`},
		"a column of nothing":   {func() { rowhouse.HasMany(rowhouse.Column[Desk, int64]{}, jobDesk, nil) }, "was not made by Col"},
		"a pair twice":          {func() { deskJobs.On(deskID, jobDesk) }, "paired twice"},
		"another kind":          {func() { deskJobs.On(deskName, jobRank) }, "is text, but"},
		"another model":         {func() { deskChildren.On(deskID, rowhouse.Column[Desk, int64]{}) }, "of other models"},
		"on a join table":       {func() { jobFlags.On(jobTitle, flagCode) }, "other tables"},
		"through conditions":    {func() { rowhouse.Through(deskJobs.Limit(1), jobNotes, nil) }, "as it was defined"},
		"inverse of has many":   {func() { deskJobs.Inverse(nil) }, "only a relation by a join table"},
		"a name that is a word": {func() { rowhouse.ManyToMany(jobID, labelID, "", nil) }, "join table"},
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
		rowhouse.Behavior[Job]{
			Model:   jobs,
			Filters: []rowhouse.Filter[Job]{{Name: "noted", Where: jobNotes.Has()}},
			AfterLoad: func(_ context.Context, _ rowhouse.Scope, k *Job) error {
				k.Rank = len(k.Notes) // they are there already
				return nil
			},
		},
	}}
	everywhereWith(t, o, func(t *testing.T, s site) {
		ctx := t.Context()
		furnish(t, s, s.tenant)
		tree := deskJobs.OrderBy(jobTitle.Asc()).With(jobNotes)
		all, err := desks.In(s.tenant).With(tree).OrderBy(deskID.Asc()).All(ctx)
		ok(t, err)
		if len(all[0].Jobs) != 2 || len(all[1].Jobs) != 0 || all[0].Jobs[1].Rank != 2 || all[0].Jobs[1].Notes[0].Text != s.tenant.Tenant()+"!" {
			t.Errorf("it has %+v", all)
		}
		lifted := deskJobs.Without("noted").OrderBy(jobTitle.Asc()).With(jobNotes.Without("dry"))
		all, err = desks.In(s.tenant).With(lifted).OrderBy(deskID.Asc()).All(ctx)
		ok(t, err)
		if len(all[0].Jobs) != 2 || len(all[1].Jobs) != 1 || len(all[0].Jobs[1].Notes) != 3 {
			t.Errorf("without the filters it has %+v", all)
		}
		for want, p := range map[int64]rowhouse.Predicate[Desk]{
			0: deskJobs.Has(jobNotes.Has(noteText.HasSuffix("wet"))), 1: deskJobs.Has(jobNotes.Without("dry").Has(noteText.HasSuffix("wet"))),
			2: deskJobs.Without("noted").Has(),
		} {
			n, err := desks.In(s.tenant).Where(p).Count(ctx)
			if ok(t, err); n != want {
				t.Errorf("%d desks, want %d", n, want)
			}
		}
	})
}

// TestRelationsOfManyRows reads more rows than go into a page, in one statement for each relation.
func TestRelationsOfManyRows(t *testing.T) { //nolint:gocognit // one thing after the other
	var statements []string
	o := rowhouse.Options{Models: deskModels, Observe: func(_ context.Context, e rowhouse.Event) {
		if e.Op == "select" && !e.Catalog {
			statements = append(statements, e.Model)
		}
	}}
	t.Parallel()
	for _, e := range engines {
		statements = nil
		t.Run(e.name, func(t *testing.T) { //nolint:paralleltest // they share what is observed
			ctx := t.Context()
			drv, prefix := e.open(t)
			db := openFleetWith(t, drv, prefix, o)
			in := tenantOf(t, db, "prefix")
			list := make([]Desk, 700)
			for i := range list {
				list[i].Name = strconv.Itoa(i)
				for range i % 3 {
					list[i].Jobs = append(list[i].Jobs, Job{Title: list[i].Name, Notes: []Note{{Text: list[i].Name}}})
				}
			}
			ok(t, desks.In(in).With(deskJobs.With(jobNotes)).InsertMany(ctx, list))
			statements = nil
			all, err := desks.In(in).With(deskJobs.With(jobNotes)).OrderBy(deskID.Asc()).All(ctx)
			ok(t, err)
			if !slices.Equal(statements, []string{"desk", "job", "note"}) {
				t.Errorf("it took %v", statements)
			}
			var each []Desk
			for desk, err := range desks.In(in).With(deskJobs.With(jobNotes)).Offset(1).Limit(600).Each(ctx) {
				ok(t, err)
				each = append(each, desk)
			}
			for how, got := range map[string][]Desk{"all": all, "each": each} {
				first := 0
				if how == "each" {
					first = 1
				}
				for i, d := range got {
					if d.Name != list[i+first].Name || len(d.Jobs) != (i+first)%3 {
						t.Fatalf("%s: row %d is %+v", how, i, d)
					}
					for _, k := range d.Jobs {
						if k.Title != d.Name || len(k.Notes) != 1 || k.Notes[0].Text != d.Name {
							t.Fatalf("%s: row %d has %+v", how, i, k)
						}
					}
				}
			}
			if len(all) != 700 || len(each) != 600 {
				t.Errorf("%d and %d rows", len(all), len(each))
			}
		})
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
			"a table apart":  {deskJobs.Has(jobNotes.Has()), 1},
			"there and back": {deskJobs.Has(jobAt.Has(deskName.HasSuffix("front"))), 1},
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
