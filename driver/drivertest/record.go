package drivertest

import (
	"context"
	"iter"
	"slices"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// Record returns d with a witness: fn is called before every statement that a pool or a
// transaction of d runs, with the database it goes to, as [driver.Driver.Open] was given it. fn
// is called by many goroutines at once and must not change the statement. With a nil fn it
// returns d itself.
//
// A recorded transaction is a [driver.Native] if the one beneath it is. The statements of a
// pipeline are told as they are pulled, and go on as [driver.Pipeline] has them. So are rows that are
// copied: the statement, and then each row as the one that inserts it. No other optional interface is
// passed on.
func Record(d driver.Driver, fn func(database string, s *driver.Statement)) driver.Driver {
	if fn == nil {
		return d
	}
	return &recordedDriver{Driver: d, fn: fn}
}

type recordedDriver struct {
	driver.Driver
	fn func(string, *driver.Statement)
}

func (d *recordedDriver) Open(ctx context.Context, database string) (driver.DB, error) {
	db, err := d.Driver.Open(ctx, database)
	if err != nil {
		return nil, err
	}
	return &recordedDB{DB: db, recordedRunner: recordedRunner{db, database, d.fn}}, nil
}

// recordedRunner is the part that pools and transactions have in common.
type recordedRunner struct {
	runner   driver.Runner
	database string
	fn       func(string, *driver.Statement)
}

func (r recordedRunner) Query(ctx context.Context, s *driver.Statement) (driver.Rows, error) {
	r.fn(r.database, s)
	return r.runner.Query(ctx, s)
}

func (r recordedRunner) Exec(ctx context.Context, s *driver.Statement) (driver.Result, error) {
	r.fn(r.database, s)
	return r.runner.Exec(ctx, s)
}

// Pipeline is what makes pools and transactions a [driver.Pipeliner], whatever is beneath.
func (r recordedRunner) Pipeline(
	ctx context.Context, statements iter.Seq[*driver.Statement], o driver.PipelineOptions,
	read func(i int, r driver.Reply) error,
) error {
	told := func(yield func(*driver.Statement) bool) {
		for s := range statements {
			r.fn(r.database, s)
			if !yield(s) {
				return
			}
		}
	}
	return driver.Pipeline(ctx, r.runner, told, o, read)
}

// Copy is what makes them a [driver.Copier].
func (r recordedRunner) Copy(ctx context.Context, c *driver.Many) (driver.Result, error) {
	r.fn(r.database, &c.Statement)
	told := *c
	told.Row = func(i int) ([]dialect.Arg, error) {
		args, err := c.Row(i)
		if err == nil {
			r.fn(r.database, &driver.Statement{Text: c.Insert, Args: slices.Clone(args), Write: true, Tenant: c.Tenant})
		}
		return args, err
	}
	return driver.Copy(ctx, r.runner, &told)
}

func (r recordedRunner) tx(tx driver.Tx, err error) (driver.Tx, error) {
	if err != nil {
		return nil, err
	}
	recorded := &recordedTx{Tx: tx, recordedRunner: recordedRunner{tx, r.database, r.fn}}
	if native, ok := tx.(driver.Native); ok {
		return &recordedNativeTx{recorded, native}, nil
	}
	return recorded, nil
}

type recordedDB struct {
	driver.DB
	recordedRunner
}

func (db *recordedDB) Query(ctx context.Context, s *driver.Statement) (driver.Rows, error) {
	return db.recordedRunner.Query(ctx, s)
}

func (db *recordedDB) Exec(ctx context.Context, s *driver.Statement) (driver.Result, error) {
	return db.recordedRunner.Exec(ctx, s)
}

func (db *recordedDB) Begin(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	return db.tx(db.DB.Begin(ctx, o))
}

func (db *recordedDB) Join(ctx context.Context, native any) (driver.Tx, error) {
	return db.tx(db.DB.Join(ctx, native))
}

type recordedTx struct {
	driver.Tx
	recordedRunner
}

func (tx *recordedTx) Query(ctx context.Context, s *driver.Statement) (driver.Rows, error) {
	return tx.recordedRunner.Query(ctx, s)
}

func (tx *recordedTx) Exec(ctx context.Context, s *driver.Statement) (driver.Result, error) {
	return tx.recordedRunner.Exec(ctx, s)
}

type recordedNativeTx struct {
	*recordedTx
	native driver.Native
}

func (tx *recordedNativeTx) Native() (any, error) { return tx.native.Native() }
