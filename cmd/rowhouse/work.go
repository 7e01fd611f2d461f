package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rowhouse/rowhouse"
)

// operation is a kind of call that the demo measures.
type operation string

const (
	opInsert operation = "insert"
	opGet    operation = "get"
	opUpdate operation = "update"
	opQuery  operation = "query"
	opDelete operation = "delete"
	opCount  operation = "count"
)

var operations = []operation{opInsert, opGet, opUpdate, opQuery, opDelete, opCount}

// meter notes how long each call took. It is used by many goroutines at once.
type meter struct {
	mu   sync.Mutex
	took map[operation][]time.Duration
}

func (m *meter) time(op operation, fn func() error) error {
	began := time.Now()
	err := fn()
	took := time.Since(began)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.took[op] = append(m.took[op], took)
	return err
}

// total is the number of calls.
func (m *meter) total() (n int) {
	for _, took := range m.took {
		n += len(took)
	}
	return n
}

// work puts every tenant through the same code.
func (d *demo) work(ctx context.Context) error {
	d.page.section("Create, read, update, query, delete: the same code for every tenant")
	d.page.linef("cases := Cases.In(tenant)   // wherever its rows are")
	d.page.linef("err = cases.Insert(ctx, &c)")
	d.page.linef("all, err := cases.Where(CaseStatus.Eq(%q)).Limit(20).All(ctx)", open)
	d.page.blank()
	bar := newProgress(d.stderr, "working", len(d.tenants))
	m := &meter{took: map[operation][]time.Duration{}}
	g, working := errgroup.WithContext(ctx)
	g.SetLimit(d.site.workers)
	began := time.Now()
	for _, t := range d.tenants {
		if working.Err() != nil {
			break
		}
		g.Go(func() error {
			defer bar.add()
			return d.workFor(working, t.id, m)
		})
	}
	err := errors.Join(g.Wait(), ctx.Err())
	took := time.Since(began)
	bar.end()
	if err != nil {
		return err
	}
	d.report(m, took)
	return nil
}

// workFor is one tenant's share. It checks everything that it reads.
func (d *demo) workFor(ctx context.Context, id string, m *meter) error {
	tenant, err := d.db.Tenant(ctx, id)
	if err != nil {
		return err
	}
	cases := Cases.In(tenant)
	rows := make([]Case, 3)
	for i := range rows {
		rows[i] = Case{Title: fmt.Sprintf("case %d of %s", i+1, id), Priority: i}
		if err := m.time(opInsert, func() error { return cases.Insert(ctx, &rows[i]) }); err != nil {
			return err
		}
	}
	var first Case
	err = m.time(opGet, func() (err error) { first, err = cases.Get(ctx, rows[0].ID); return err })
	if err != nil {
		return err
	}
	if first.Title != rows[0].Title {
		return fmt.Errorf("tenant %q wrote %q and read %q", id, rows[0].Title, first.Title)
	}
	first.Status = closed
	if err := m.time(opUpdate, func() error { return cases.Update(ctx, &first) }); err != nil {
		return err
	}
	if err := queryOpen(ctx, cases, m, rows[2], rows[1]); err != nil {
		return err
	}
	if err := m.time(opDelete, func() error { return cases.Delete(ctx, &rows[2]) }); err != nil {
		return err
	}
	var n int64
	err = m.time(opCount, func() (err error) { n, err = cases.Count(ctx); return err })
	if err == nil && n != 2 {
		err = fmt.Errorf("tenant %q has %d cases after three inserts and a delete", id, n)
	}
	return err
}

// queryOpen asks for the open cases, which must be the wanted ones.
func queryOpen(ctx context.Context, cases rowhouse.Table[Case], m *meter, want ...Case) error {
	var found []Case
	err := m.time(opQuery, func() (err error) {
		found, err = cases.Where(CaseStatus.Eq(open)).OrderBy(CasePriority.Desc()).Limit(20).All(ctx)
		return err
	})
	if err != nil {
		return err
	}
	if !slices.EqualFunc(found, want, func(a, b Case) bool { return a.ID == b.ID && a.Title == b.Title }) {
		return fmt.Errorf("open cases are %v; wanted %v", titles(found), titles(want))
	}
	return nil
}

func titles(cases []Case) string {
	list := make([]string, len(cases))
	for i, c := range cases {
		list[i] = c.Title
	}
	return strings.Join(list, ", ")
}

// report prints the figures of this machine, now.
func (d *demo) report(m *meter, took time.Duration) {
	n := m.total()
	d.page.prosef("%s calls for %s tenants in %s, %d tenants at a time: %s calls a second, measured just "+
		"now on this machine. What was read was compared with what was written, each time.",
		thousands(n), thousands(len(d.tenants)), short(took), d.site.workers, thousands(int(float64(n)/took.Seconds())))
	d.page.blank()
	d.page.linef("%-10s %10s %12s %12s", "", "calls", "median", "99 % within")
	for _, op := range operations {
		took := m.took[op]
		slices.Sort(took)
		d.page.linef("%-10s %10s %12s %12s", op, thousands(len(took)),
			short(took[len(took)/2]), short(took[len(took)*99/100]))
	}
}
