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
// A recorded transaction is a [driver.Native] if the one beneath it is, and pools and transactions are a
// [driver.Pipeliner] if those beneath are, so that what is recorded is what would be sent without it. The
// statements of a pipeline are told as they are pulled. Rows that are copied are told as the statement, and
// then each row as the one that inserts it; they go on as [driver.Copy] has them. No other optional interface
// is passed on.
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
	r := recordedRunner{db, database, d.fn}
	recorded := &recordedDB{DB: db, recordedRunner: r}
	if ahead, ok := db.(driver.Pipeliner); ok {
		return &recordedPipedDB{recorded, recordedPipeliner{ahead, r}}, nil
	}
	return recorded, nil
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

// recordedPipeliner is the part that those have in common that send statements ahead.
type recordedPipeliner struct {
	ahead driver.Pipeliner
	r     recordedRunner
}

func (p recordedPipeliner) Pipeline(
	ctx context.Context, statements iter.Seq[*driver.Statement], o driver.PipelineOptions,
	read func(i int, r driver.Reply) error,
) error {
	told := func(yield func(*driver.Statement) bool) {
		for s := range statements {
			p.r.fn(p.r.database, s)
			if !yield(s) {
				return
			}
		}
	}
	return p.ahead.Pipeline(ctx, told, o, read)
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
	r.runner = tx
	recorded := &recordedTx{Tx: tx, recordedRunner: r}
	native, isNative := tx.(driver.Native)
	ahead, pipes := tx.(driver.Pipeliner)
	switch {
	case isNative && pipes:
		return &recordedPipedNativeTx{&recordedNativeTx{recorded, native}, recordedPipeliner{ahead, r}}, nil
	case isNative:
		return &recordedNativeTx{recorded, native}, nil
	case pipes:
		return &recordedPipedTx{recorded, recordedPipeliner{ahead, r}}, nil
	}
	return recorded, nil
}

type (
	recordedDB struct {
		driver.DB
		recordedRunner
	}
	recordedPipedDB struct {
		*recordedDB
		recordedPipeliner
	}
)

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

type (
	recordedNativeTx struct {
		*recordedTx
		native driver.Native
	}
	recordedPipedTx struct {
		*recordedTx
		recordedPipeliner
	}
	recordedPipedNativeTx struct {
		*recordedNativeTx
		recordedPipeliner
	}
)

func (tx *recordedNativeTx) Native() (any, error) { return tx.native.Native() }
