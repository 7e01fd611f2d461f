package isolation

import (
	"context"
	"iter"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// hooks are what a tapped driver does otherwise. Each may be nil.
type hooks struct {
	dialect dialect.Dialect
	sent    func(ctx context.Context, s *driver.Statement)             // sees a statement and its context
	change  func(s driver.Statement) driver.Statement                  // sends another in its place
	lost    func(s *driver.Statement, err error) (driver.Result, bool) // answers for a failed one
}

// tap is a driver between the library and d.
func tap(d driver.Driver, h hooks) driver.Driver { return tappedDriver{d, &h} }

type tappedDriver struct {
	driver.Driver
	*hooks
}

func (d tappedDriver) Dialect() dialect.Dialect {
	if d.dialect != nil {
		return d.dialect
	}
	return d.Driver.Dialect()
}

func (d tappedDriver) Open(ctx context.Context, database string) (driver.DB, error) {
	db, err := d.Driver.Open(ctx, database)
	if err != nil {
		return nil, err
	}
	return d.tapped(db), nil
}

// Reserve is the home's Open where the driver has no connections to spare.
func (d tappedDriver) Reserve(ctx context.Context) (driver.DB, error) {
	r, ok := d.Driver.(driver.Reserver)
	if !ok {
		return d.Open(ctx, "")
	}
	db, err := r.Reserve(ctx)
	if err != nil {
		return nil, err
	}
	return d.tapped(db), nil
}

func (d tappedDriver) tapped(db driver.DB) driver.DB {
	tapped := tappedDB{db, tappedRunner{d.hooks, db}}
	if ahead, ok := db.(driver.Pipeliner); ok {
		return tappedPipedDB{tapped, tappedPipeliner{ahead, tapped.tappedRunner}}
	}
	return tapped
}

// tappedRunner is the part that pools and transactions have in common.
type tappedRunner struct {
	*hooks
	to driver.Runner
}

func (r tappedRunner) out(ctx context.Context, s *driver.Statement) *driver.Statement {
	if r.sent != nil {
		r.sent(ctx, s)
	}
	if r.change != nil {
		other := r.change(*s)
		s = &other
	}
	return s
}

func (r tappedRunner) query(ctx context.Context, s *driver.Statement) (driver.Rows, error) {
	return r.to.Query(ctx, r.out(ctx, s))
}

func (r tappedRunner) exec(ctx context.Context, s *driver.Statement) (driver.Result, error) {
	result, err := r.to.Exec(ctx, r.out(ctx, s))
	if err != nil && r.lost != nil {
		if answer, is := r.lost(s, err); is {
			return answer, nil
		}
	}
	return result, err
}

func (r tappedRunner) Copy(ctx context.Context, m *driver.Many) (driver.Result, error) {
	other := *m
	other.Statement = *r.out(ctx, &m.Statement)
	return driver.Copy(ctx, r.to, &other)
}

// tappedPipeliner is the part that those have in common that send statements ahead.
type tappedPipeliner struct {
	ahead driver.Pipeliner
	r     tappedRunner
}

func (p tappedPipeliner) Pipeline(
	ctx context.Context, statements iter.Seq[*driver.Statement], o driver.PipelineOptions,
	read func(i int, r driver.Reply) error,
) error {
	out := func(yield func(*driver.Statement) bool) {
		for s := range statements {
			if !yield(p.r.out(ctx, s)) {
				return
			}
		}
	}
	return p.ahead.Pipeline(ctx, out, o, read)
}

type (
	tappedDB struct {
		driver.DB
		tappedRunner
	}
	tappedPipedDB struct {
		tappedDB
		tappedPipeliner
	}
)

func (db tappedDB) Query(ctx context.Context, s *driver.Statement) (driver.Rows, error) {
	return db.query(ctx, s)
}

func (db tappedDB) Exec(ctx context.Context, s *driver.Statement) (driver.Result, error) {
	return db.exec(ctx, s)
}

func (db tappedDB) Begin(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	tx, err := db.DB.Begin(ctx, o)
	if err != nil {
		return nil, err
	}
	tapped := tappedTx{tx, tappedRunner{db.hooks, tx}}
	if ahead, ok := tx.(driver.Pipeliner); ok {
		return tappedPipedTx{tapped, tappedPipeliner{ahead, tapped.tappedRunner}}, nil
	}
	return tapped, nil
}

type (
	tappedTx struct {
		driver.Tx
		tappedRunner
	}
	tappedPipedTx struct {
		tappedTx
		tappedPipeliner
	}
)

func (tx tappedTx) Query(ctx context.Context, s *driver.Statement) (driver.Rows, error) {
	return tx.query(ctx, s)
}

func (tx tappedTx) Exec(ctx context.Context, s *driver.Statement) (driver.Result, error) {
	return tx.exec(ctx, s)
}
