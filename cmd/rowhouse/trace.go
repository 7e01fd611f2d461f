package main

import (
	"context"
	"sync"

	"github.com/rowhouse/rowhouse/driver"
)

// traced is a driver that notes the statements of its pools, so that the demo prints what was
// sent, and not what it thinks was sent. Transactions pass by it: the demo shows none.
type traced struct {
	driver.Driver
	mu   sync.Mutex
	sent []*driver.Statement
}

func (d *traced) Open(ctx context.Context, database string) (driver.DB, error) {
	db, err := d.Driver.Open(ctx, database)
	if err != nil {
		return nil, err
	}
	return &tracedDB{DB: db, by: d}, nil
}

// during returns the tenants' statements that fn sent. Those of the catalog's own tables, which
// are read at any time, are left out.
func (d *traced) during(fn func() error) ([]*driver.Statement, error) {
	d.take()
	err := fn()
	return d.take(), err
}

func (d *traced) take() []*driver.Statement {
	d.mu.Lock()
	defer d.mu.Unlock()
	sent := d.sent
	d.sent = nil
	return sent
}

func (d *traced) note(s *driver.Statement) {
	if s.Tenant == "" {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sent = append(d.sent, s)
}

type tracedDB struct {
	driver.DB
	by *traced
}

func (db *tracedDB) Query(ctx context.Context, s *driver.Statement) (driver.Rows, error) {
	db.by.note(s)
	return db.DB.Query(ctx, s)
}

func (db *tracedDB) Exec(ctx context.Context, s *driver.Statement) (driver.Result, error) {
	db.by.note(s)
	return db.DB.Exec(ctx, s)
}
