package main

import (
	"context"
	"fmt"
	"time"

	"github.com/rowhouse/rowhouse/bench/report"
	"github.com/rowhouse/rowhouse/bench/subject"
)

// operation is some work of an application, checked so that a subject that does less of it fails.
type operation struct {
	name  string
	ops   func(s scale) int // in a round
	run   func(ctx context.Context, s subject.Subject, tenant string, i int) error
	empty bool // works on the tenant for bulk inserts, which is emptied before
}

func ops(s scale) int { return s.ops }
func few(s scale) int { return max(s.ops/2, 1) }
func once(scale) int  { return 1 }

// operations are in the order of the tables: those that read come first, for those that write leave old versions of
// rows behind.
func operations(s scale) []operation {
	return []operation{
		{name: "get", ops: ops, run: get},
		{name: "select 100", ops: few, run: selectRows},
		{name: "list 50 with children", ops: few, run: list},
		{name: "insert", ops: ops, run: insert},
		{name: "update", ops: ops, run: update},
		{name: "upsert", ops: ops, run: upsert},
		{name: "insert 10,000, keys back", ops: once, run: insertMany(s.bulk), empty: true},
		{name: "insert 10,000", ops: once, run: load(s.bulk), empty: true},
	}
}

// counting counts the cases of n tenants at once, as they are in the beginning.
func counting(n int) operation {
	tenants, want := tenantIDs(n), int64(firstRows+(n-1)*otherRows)
	run := func(ctx context.Context, s subject.Subject, _ string, _ int) error {
		got, err := s.Count(ctx, tenants)
		if err == nil && got != want {
			err = fmt.Errorf("counted %d, want %d", got, want)
		}
		return err
	}
	return operation{name: "count in " + report.Thousands(n) + " tenants", ops: once, run: run}
}

// key is a case that every tenant has; which one changes, so that nothing is answered from a text
// that was seen before.
func key(i int) int64 { return int64(i*7%otherRows + 1) }

func get(ctx context.Context, s subject.Subject, tenant string, i int) error {
	c, err := s.Get(ctx, tenant, key(i))
	if err != nil {
		return err
	}
	if c.ID != key(i) || c.Title == "" || c.Status != "open" || c.Opened.IsZero() || (c.Assignee != nil) != (c.ID%2 == 0) {
		return fmt.Errorf("case %d is %+v", key(i), c)
	}
	return nil
}

func selectRows(ctx context.Context, s subject.Subject, tenant string, _ int) error {
	rows, err := s.Select(ctx, tenant, selected)
	return checkRows(rows, err, selected, 0)
}

func list(ctx context.Context, s subject.Subject, tenant string, _ int) error {
	rows, err := s.List(ctx, tenant, page)
	return checkRows(rows, err, page, children)
}

func checkRows(rows []subject.Case, err error, want, comments int) error {
	if err != nil {
		return err
	}
	if len(rows) != want {
		return fmt.Errorf("%d rows, want %d", len(rows), want)
	}
	for i := range rows {
		c := &rows[i]
		if c.ID != int64(i+1) || c.Title == "" || len(c.Comments) != comments {
			return fmt.Errorf("row %d is %+v", i, c)
		}
		for j := range c.Comments {
			if c.Comments[j].CaseID != c.ID || c.Comments[j].Body == "" {
				return fmt.Errorf("comment %d of row %d is %+v", j, i, c.Comments[j])
			}
		}
	}
	return nil
}

// samples are cases that look like those that are there; they are made beforehand.
var samples = func() []subject.Case {
	rows := make([]subject.Case, otherRows)
	for i := range rows {
		c := &rows[i]
		c.Title, c.Status, c.Priority = fmt.Sprintf("the title of case %d", i+1), "open", int32(i%5)
		c.Opened = time.Date(2025, 4, 1, 12, 0, 0, 0, time.UTC)
		if i%2 == 1 {
			somebody := "somebody"
			c.Assignee = &somebody
		}
	}
	return rows
}()

// sample is a case without a key.
func sample(i int) subject.Case { return samples[i%len(samples)] }

// existing is what the case with that key should become.
func existing(id int64) subject.Case {
	c := sample(int(id) - 1)
	c.ID = id
	return c
}

func insert(ctx context.Context, s subject.Subject, tenant string, i int) error {
	c := sample(i)
	if err := s.Insert(ctx, tenant, &c); err != nil {
		return err
	}
	if c.ID <= otherRows {
		return fmt.Errorf("the new case has key %d", c.ID)
	}
	return nil
}

func update(ctx context.Context, s subject.Subject, tenant string, i int) error {
	c := existing(key(i))
	return s.Update(ctx, tenant, &c)
}

func upsert(ctx context.Context, s subject.Subject, tenant string, i int) error {
	c := existing(key(i))
	return s.Upsert(ctx, tenant, &c)
}

func insertMany(n int) func(ctx context.Context, s subject.Subject, tenant string, i int) error {
	rows := manySamples(n)
	return func(ctx context.Context, s subject.Subject, tenant string, _ int) error {
		for i := range rows {
			rows[i].ID = 0
		}
		if err := s.InsertMany(ctx, tenant, rows); err != nil {
			return err
		}
		for i := range rows {
			if rows[i].ID == 0 {
				return fmt.Errorf("row %d has no key", i)
			}
		}
		return nil
	}
}

func load(n int) func(ctx context.Context, s subject.Subject, tenant string, i int) error {
	rows := manySamples(n)
	return func(ctx context.Context, s subject.Subject, tenant string, _ int) error {
		for i := range rows {
			rows[i].ID = int64(i + 1)
		}
		return s.Load(ctx, tenant, rows)
	}
}

func manySamples(n int) []subject.Case {
	rows := make([]subject.Case, n)
	for i := range rows {
		rows[i] = sample(i)
	}
	return rows
}
