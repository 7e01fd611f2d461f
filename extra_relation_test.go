package rowhouse_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/fleet"
)

// Dossier and its leaves both have room for tenants' own columns.
type (
	Dossier struct {
		ID     int64          `db:"id,pk,auto"`
		Name   string         `db:"name,size:40"`
		Own    rowhouse.Extra `db:"own,extra"`
		Leaves []Leaf         `db:"-"`
	}
	Leaf struct {
		No      string         `db:"no,pk,size:20"`
		Dossier int64          `db:"dossier_id,ref:dossier.id"`
		Own     rowhouse.Extra `db:"own,extra"`
		Of      *Dossier       `db:"-"`
	}
)

var (
	dossiers = rowhouse.MustDefine[Dossier]("dossier")
	leaves   = rowhouse.MustDefine[Leaf]("leaf")

	dossierID   = rowhouse.Col(dossiers, func(d *Dossier) *int64 { return &d.ID })
	dossierRank = rowhouse.ExtraCol[int](dossiers, "rank")
	leafNo      = rowhouse.Col(leaves, func(s *Leaf) *string { return &s.No })
	leafOf      = rowhouse.Col(leaves, func(s *Leaf) *int64 { return &s.Dossier })
	leafMood    = rowhouse.ExtraCol[string](leaves, "mood")

	dossierLeaves = rowhouse.HasMany(dossierID, leafOf, func(d *Dossier) *[]Leaf { return &d.Leaves })
	leafDossier   = rowhouse.BelongsTo(leafOf, dossierID, func(s *Leaf) **Dossier { return &s.Of })

	dossierModels = rowhouse.Models(dossiers, leaves)
)

func leaf(no, mood string) Leaf {
	s := Leaf{No: no}
	leafMood.Put(&s, mood)
	return s
}

// filed inserts two dossiers with their leaves, for a tenant that has columns of its own in both.
func filed(t *testing.T, s site) []Dossier {
	t.Helper()
	houses := fleet.New(s.db, fleet.Options{})
	for m, x := range map[rowhouse.AnyModel]rowhouse.Extension{
		dossiers: {Name: "rank", Type: dialect.Type{Kind: dialect.Int64}, Default: 1},
		leaves:   {Name: "mood", Type: dialect.Type{Kind: dialect.Text, Size: 40}},
	} {
		_, err := houses.Extend(t.Context(), s.db.Only(s.tenant.Tenant()), m, x)
		ok(t, err)
	}
	list := []Dossier{
		{Name: "first", Leaves: []Leaf{leaf("a", "glad"), leaf("b", "sad")}},
		{Name: "second", Leaves: []Leaf{leaf("c", "sad"), {No: "d"}}},
	}
	dossierRank.Put(&list[1], 7)
	ok(t, dossiers.In(s.tenant).With(dossierLeaves).InsertMany(t.Context(), list))
	return list
}

// TestExtraOfRelatedRows reads, and asks for, columns of a tenant's own on both sides of a relation.
func TestExtraOfRelatedRows(t *testing.T) {
	everywhere(t, dossierModels, func(t *testing.T, s site) {
		ctx := t.Context()
		filed(t, s)
		rows, err := dossiers.In(s.tenant).With(dossierLeaves.Where(leafMood.Eq("sad")).With(leafDossier)).
			OrderBy(dossierRank.Desc()).All(ctx)
		ok(t, err)
		var got strings.Builder
		for i := range rows {
			rank, _ := dossierRank.From(&rows[i])
			fmt.Fprintf(&got, "%s %d:", rows[i].Name, rank)
			for j := range rows[i].Leaves {
				mood, _ := leafMood.From(&rows[i].Leaves[j])
				back, _ := dossierRank.From(rows[i].Leaves[j].Of)
				fmt.Fprintf(&got, " %s %s %d;", rows[i].Leaves[j].No, mood, back)
			}
			got.WriteByte('\n')
		}
		equal(t, "rows", got.String(), "second 7: c sad 7;\nfirst 1: b sad 1;\n")
		glad, err := dossiers.In(s.tenant).Where(dossierLeaves.Has(leafMood.Eq("glad"))).One(ctx)
		if ok(t, err); glad.Name != "first" {
			t.Errorf("the glad one is %+v", glad)
		}
		n, err := leaves.In(s.tenant).Where(leafDossier.Has(dossierRank.Gt(5)), leafMood.IsNull()).Count(ctx)
		if ok(t, err); n != 1 {
			t.Errorf("%d leaves without a mood are in what ranks high", n)
		}
		last, err := leaves.In(s.tenant).OrderBy(rowhouse.Via(leafDossier, dossierRank).Desc(), leafNo.Desc()).First(ctx)
		if ok(t, err); last.No != "d" {
			t.Errorf("it begins with %+v", last)
		}
		// The other tenant has no such columns.
		_, err = dossiers.In(s.other).With(dossierLeaves.Where(leafMood.Eq("sad"))).All(ctx)
		is(t, err, rowhouse.ErrNoColumn)
		_, err = dossiers.In(s.other).Where(dossierLeaves.Has(leafMood.Eq("sad"))).All(ctx)
		is(t, err, rowhouse.ErrNoColumn)
		is(t, dossiers.In(s.other).With(dossierLeaves).Insert(ctx, &Dossier{Leaves: []Leaf{leaf("a", "glad")}}), rowhouse.ErrNoColumn)
	})
}

// TestExtraOfLinkedRows writes columns of a tenant's own through a relation.
func TestExtraOfLinkedRows(t *testing.T) {
	everywhere(t, dossierModels, func(t *testing.T, s site) {
		ctx := t.Context()
		list := filed(t, s)
		e := leaf("e", "calm")
		ok(t, dossierLeaves.Of(s.tenant, &list[0]).Add(ctx, &e))
		got, err := dossierLeaves.Of(s.tenant, &list[0]).Rows().OrderBy(leafNo.Desc()).First(ctx)
		ok(t, err)
		if mood, is := leafMood.From(&got); !is || mood != "calm" {
			t.Errorf("it is %+v", got)
		}
	})
}

// TestExtraOfManyRows inserts as many rows as are copied where the engine copies, with keys that are given
// and with some that come back.
func TestExtraOfManyRows(t *testing.T) {
	everywhere(t, dossierModels, func(t *testing.T, s site) {
		ctx := t.Context()
		list := filed(t, s)
		many := make([]Leaf, 700)
		for i := range many {
			many[i] = leaf("n"+strconv.Itoa(i), "mood "+strconv.Itoa(i%7))
			many[i].Dossier = list[0].ID
		}
		ok(t, leaves.In(s.tenant).InsertMany(ctx, many))
		n, err := leaves.In(s.tenant).Where(leafMood.Eq("mood 3")).Count(ctx)
		if ok(t, err); n != 100 {
			t.Errorf("%d rows, not 100", n)
		}
		keyed := make([]Dossier, 700)
		for i := range keyed {
			keyed[i].Name = "many"
			if i%2 == 0 {
				dossierRank.Put(&keyed[i], i)
			}
		}
		ok(t, dossiers.In(s.tenant).InsertMany(ctx, keyed))
		for _, i := range []int{0, 1, 698, 699} {
			row, err := dossiers.In(s.tenant).Get(ctx, keyed[i].ID)
			ok(t, err)
			want := 1
			if i%2 == 0 {
				want = i
			}
			if rank, _ := dossierRank.From(&row); rank != want {
				t.Errorf("row %d ranks %d, not %d", i, rank, want)
			}
		}
	})
}
