package isolation

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"testing"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
)

// The same tables without structs, and what is asked of them.
var (
	caseRecords  = rowhouse.MustDefineRecord(Cases.Table())
	recordID     = rowhouse.MustRecordCol[int64](caseRecords, "id")
	recordCode   = rowhouse.MustRecordCol[string](caseRecords, "code")
	recordCanary = rowhouse.MustRecordCol[string](caseRecords, "canary")
	recordStatus = rowhouse.MustRecordCol[string](caseRecords, "status")
)

func recordModels() []rowhouse.AnyModel {
	return rowhouse.Models(caseRecords, rowhouse.MustDefineRecord(Notes.Table()), rowhouse.MustDefineRecord(Links.Table()),
		rowhouse.MustDefineRecord(casePeers.JoinTable().Table()), States, Gadgets)
}

// recordAct is an operation on one tenant's records, by a code that other tenants have too.
type recordAct struct {
	Tenant int
	Op     string
	Code   string
	Status string
	InTx   bool
}

var recordOps = []string{"insert", "insert", "many", "upsert", "update", "where", "delete", "purge", "all", "get"}

func drawRecordAct(tenants int) *rapid.Generator[recordAct] {
	return rapid.Custom(func(t *rapid.T) recordAct {
		return recordAct{
			Tenant: rapid.IntRange(0, tenants-1).Draw(t, "tenant"),
			Op:     rapid.SampledFrom(recordOps).Draw(t, "op"),
			Code:   rapid.SampledFrom(codes).Draw(t, "code"),
			Status: rapid.SampledFrom(statuses).Draw(t, "status"),
			InTx:   rapid.Bool().Draw(t, "tx"),
		}
	})
}

// TestRecordIsolation has random operations on models without structs, in all tenants, be judged by a
// model in memory, the canaries and the oracle.
func TestRecordIsolation(t *testing.T) {
	t.Parallel()
	for _, on := range grounds {
		t.Run(on.name, func(t *testing.T) {
			t.Parallel()
			g := on.make(t)
			g.records = true
			s := newSuite(t, g, g.settle(t), faults{})
			acts := rapid.SliceOfN(drawRecordAct(len(s.places)), 10, 60)
			rapid.Check(t, func(rt *rapid.T) {
				if err := s.runRecords(t.Context(), acts.Draw(rt, "acts")); err != nil {
					rt.Fatal(err)
				}
			})
			if err := g.pristine(t.Context()); err != nil {
				t.Error(err)
			}
			if s.oracle.seen == 0 {
				t.Error("the oracle has seen no statement")
			}
		})
	}
}

// runRecords wipes all rows, does the acts, and compares the rows of all tenants.
func (s *suite) runRecords(ctx context.Context, acts []recordAct) error {
	if err := s.wipe(ctx); err != nil {
		return err
	}
	want := make([]map[string]string, len(s.places))
	for i := range want {
		want[i] = map[string]string{}
	}
	for _, a := range acts {
		if err := s.doRecord(ctx, a, want[a.Tenant]); err != nil {
			return fmt.Errorf("%+v: %w", a, errors.Join(err, s.oracle.take()))
		}
	}
	for i, at := range s.places {
		tenant, err := s.tenant(ctx, at.id)
		if err != nil {
			return err
		}
		if err := compareRecords(ctx, tenant, want[i]); err != nil {
			return err
		}
	}
	return s.oracle.take()
}

func (s *suite) doRecord(ctx context.Context, a recordAct, want map[string]string) error {
	tenant, err := s.tenant(ctx, s.places[a.Tenant].id)
	if err != nil {
		return err
	}
	if !a.InTx {
		return a.do(ctx, tenant, want)
	}
	return tenant.Tx(ctx, func(tx *rowhouse.Tx) error { return a.do(ctx, tx, want) })
}

// do does the act, to the model as well.
func (a recordAct) do(ctx context.Context, scope rowhouse.Scope, want map[string]string) error {
	table := caseRecords.In(scope)
	had, has := want[a.Code]
	switch a.Op {
	case "insert", "many", "upsert":
		return a.write(ctx, scope, want)
	case "where":
		n, err := table.UpdateWhere(ctx, recordCode.Eq(a.Code), recordStatus.Set(a.Status))
		if has {
			want[a.Code] = a.Status
		}
		return errors.Join(err, mustBe("rows", n, map[bool]int64{true: 1}[has]))
	case "all":
		return compareRecords(ctx, scope, want)
	}
	r, err := table.Where(recordCode.Eq(a.Code)).First(ctx)
	if !has {
		return mustFail(err, rowhouse.ErrNotFound)
	}
	if err != nil {
		return err
	}
	switch a.Op {
	case "update":
		want[a.Code] = a.Status
		return errors.Join(recordStatus.Put(&r, a.Status), table.Update(ctx, &r))
	case "delete", "purge":
		delete(want, a.Code)
		return table.Purge(ctx, &r) // a code that is softly deleted would stay taken
	}
	id, err := recordID.Of(r)
	if err != nil {
		return err
	}
	if r, err = table.Get(ctx, id); err != nil {
		return err
	}
	return checkRecord(r, scope.Tenant(), had)
}

// write inserts a record in one of three ways. Its code may be taken.
func (a recordAct) write(ctx context.Context, scope rowhouse.Scope, want map[string]string) error {
	table := caseRecords.In(scope)
	_, has := want[a.Code]
	if has && a.Op != "upsert" && a.InTx {
		return nil // on PostgreSQL, what failed ends the transaction
	}
	rows := []rowhouse.Record{rowhouse.NewRecord(caseRecords)}
	err := errors.Join(recordCode.Put(&rows[0], a.Code), recordStatus.Put(&rows[0], a.Status),
		recordCanary.Put(&rows[0], scope.Tenant()), rows[0].Set("title", "of "+a.Code))
	if err != nil {
		return err
	}
	switch a.Op {
	case "upsert":
		err = table.Upsert(ctx, &rows[0], recordCode)
	case "many":
		err = table.InsertMany(ctx, rows)
	default:
		err = table.Insert(ctx, &rows[0])
	}
	if has && a.Op != "upsert" {
		return mustFail(err, rowhouse.ErrConflict)
	}
	want[a.Code] = a.Status
	return err
}

func mustFail(err, want error) error {
	if !errors.Is(err, want) {
		return fmt.Errorf("got %w, want %w", err, want)
	}
	return nil
}

func mustBe(what string, got, want int64) error {
	if got != want {
		return fmt.Errorf("%d %s, want %d", got, what, want)
	}
	return nil
}

// compareRecords reads all of a tenant's records.
func compareRecords(ctx context.Context, scope rowhouse.Scope, want map[string]string) error {
	rows, err := caseRecords.In(scope).All(ctx)
	if err != nil {
		return err
	}
	got := map[string]string{}
	for _, r := range rows {
		code, err := recordCode.Of(r)
		if err != nil {
			return err
		}
		if got[code], err = recordStatus.Of(r); err != nil {
			return err
		}
		if err := checkRecord(r, scope.Tenant(), want[code]); err != nil {
			return err
		}
	}
	if !maps.Equal(got, want) {
		return fmt.Errorf("tenant %q has %v, want %v", scope.Tenant(), got, want)
	}
	return nil
}

func checkRecord(r rowhouse.Record, tenant, status string) error {
	canary, err := recordCanary.Of(r)
	if err != nil {
		return err
	}
	if canary != tenant {
		return fmt.Errorf("a breach: tenant %q has a row of %q", tenant, canary)
	}
	got, err := recordStatus.Of(r)
	if err == nil && got != status {
		err = fmt.Errorf("the status is %q, want %q", got, status)
	}
	return err
}
