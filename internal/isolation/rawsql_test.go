package isolation

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
)

// rawAct joins two tables in SQL whose conditions would let every tenant's rows through.
type rawAct struct {
	least int
	text  string
	each  bool
}

// rawJoins are texts with the same meaning: the notes of all cases.
var rawJoins = []string{
	`SELECT {case}.code AS code, {case}.canary AS canary, {b_case}.canary AS other, {b_case}.place AS place
		FROM {case} JOIN {b_case} ON {b_case}.case_id = {case}.id WHERE {case}.priority >= $1 OR 1 = 1`,
	`SELECT {case}.code AS code, {case}.canary AS canary, {b_case}.canary AS other, {b_case}.place AS place
		FROM {case} CROSS JOIN {b_case} WHERE ({b_case}.place >= $1 OR 1 = 1) AND {b_case}.case_id = {case}.id`,
	`SELECT code, canary, other, place FROM (
			SELECT {case}.code AS code, {case}.canary AS canary, {b_case}.canary AS other, {b_case}.place AS place, {case}.priority AS priority
			FROM {b_case} LEFT JOIN {case} ON {b_case}.case_id = {case}.id) AS both_of_them
		WHERE priority >= $1 OR priority < $1`,
}

func drawRaw() *rapid.Generator[act] {
	return rapid.Custom(func(t *rapid.T) act {
		return rawAct{
			least: rapid.IntRange(-2, 3).Draw(t, "least"), text: rapid.SampledFrom(rawJoins).Draw(t, "text"),
			each: rapid.Bool().Draw(t, "each"),
		}
	})
}

func (a rawAct) String() string {
	return fmt.Sprintf("raw (each %v, least %d): %s", a.each, a.least, a.text)
}

type pair struct {
	Code, Canary, Other string
	Place               int32
}

func (a rawAct) run(d *desk) (failed, wrong error) {
	q := rowhouse.Raw[pair](d.scope, a.text, a.least)
	pairs, err := []pair(nil), error(nil)
	if !a.each {
		pairs, err = q.All(d.ctx)
	} else {
		for p, e := range q.Each(d.ctx) {
			if err = e; err != nil {
				break
			}
			pairs = append(pairs, p)
		}
	}
	ok, failed, wrong := d.judge(err)
	got := map[pair]int{}
	for _, p := range pairs {
		if p.Canary != canary(d.at.id) || p.Other != p.Canary {
			return mismatch("breach: a row of tenant %q has %q and %q", d.at.id, p.Canary, p.Other)
		}
		got[p]++
	}
	if want := a.expected(d.model); ok && !reflect.DeepEqual(got, want) {
		return mismatch("raw SQL has %v, not %v", got, want)
	}
	return failed, wrong
}

// expected are all pairs: raw SQL sees what is softly deleted.
func (a rawAct) expected(s *store) map[pair]int {
	want := map[pair]int{}
	for _, n := range s.notes {
		if c, ok := s.cases[caseKey(n.CaseID)]; ok {
			want[pair{c.Code, c.Canary, n.Canary, n.Place}]++
		}
	}
	return want
}

// execAct changes rows in SQL: none of another tenant's, whatever its condition says, and none of a table
// that tenants share.
type execAct struct {
	rank int16
	some bool
}

func drawExec() *rapid.Generator[act] {
	return rapid.Custom(func(t *rapid.T) act {
		return execAct{rapid.Int16Range(0, 3).Draw(t, "rank"), rapid.Bool().Draw(t, "some")}
	})
}

func (a execAct) String() string { return fmt.Sprintf("exec: rank %d, of some %v", a.rank, a.some) }

func (a execAct) run(d *desk) (failed, wrong error) {
	text := "UPDATE {link} SET rank = $1 WHERE rank <> $1 OR 1 = 1"
	if a.some {
		text = "UPDATE {link} SET rank = $1 WHERE note_id IN (SELECT {b_case}.id FROM {b_case} WHERE 1 = 1) OR 1 = 0"
	}
	var may []error
	if d.at.walled {
		may = []error{rowhouse.ErrUnsupported}
	}
	n, err := rowhouse.Exec(d.ctx, d.scope, text, a.rank)
	ok, failed, wrong := d.judge(err, may...)
	if !ok {
		return failed, wrong
	}
	changed := int64(0)
	for _, key := range slices.Collect(maps.Keys(d.model.links)) {
		l := d.model.links[key]
		if a.some && (l.NoteID == nil) {
			continue
		}
		l.Rank = a.rank
		d.model.links[key] = l
		changed++
	}
	if n != changed {
		return mismatch("%d rows changed, not %d", n, changed)
	}
	return nil, nil
}
