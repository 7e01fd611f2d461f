package rowhouse

import (
	"context"
	"errors"
	"slices"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/internal/model"
)

// session is where one operation runs: a tenant's house, the model's mapping for it, and what
// takes its statements. This is the binding, and the one place where a tenant's names and its
// discriminator are put into a statement. It lives as long as the operation.
type session struct {
	db     *DB
	id     string // the tenant's
	house  *house
	m      *mapping
	runner driver.Runner
	pool   *pool     // given back at the end; nil inside a transaction
	place  *gate     // likewise; nil if the tenant has no limit, too
	own    driver.Tx // around this operation alone; nil inside a transaction
	tx     *Tx       // that the scope is; nil outside of one
	seen   int64     // generation at which house was known to be right
	undo   []func()  // takes back what the operation has put into rows
	had    int       // rows of the present result that other statements have given

	op    string
	model string

	filled *dialect.Template // that was filled last, and
	text   string            // what became of it

	room [1]func() // undo's, until there are more
	made struct {  // where a generated key is read
		key  int64
		dest [1]any
	}
}

// open begins an operation on a model in a scope.
func open(ctx context.Context, scope Scope, m *model.Struct, op string) (session, error) {
	s := session{op: op, model: m.Table.Name}
	if scope == nil {
		return s, &TenantError{Reason: ErrUnknownTenant, advice: "the scope is nil"}
	}
	if err := scope.begin(ctx, &s); err != nil {
		return s, named(err, op, scope.Tenant(), m.Table.Name)
	}
	if err := s.checkHouse(&m.Table); err != nil {
		s.leave()
		return s, s.fail(err)
	}
	if err := s.turn(m); err != nil {
		s.leave()
		return s, s.fail(err)
	}
	return s, nil
}

// turn has the session be on a model, in the same house.
func (s *session) turn(m *model.Struct) (err error) {
	s.model = m.Table.Name
	s.m, err = s.db.mappingOf(m, s.house)
	return err
}

// enter takes a pool for an operation of its own.
func (s *session) enter(ctx context.Context) error {
	if s.house.database != "" { // which may have to be opened
		timed, stop := s.timed(ctx)
		defer stop()
		ctx = timed
	}
	pool, err := s.db.pools.use(ctx, s.house.database, s.id)
	if err != nil {
		err = s.overtime(ctx, err)
		s.leave()
		return s.fail(err)
	}
	s.pool, s.runner = pool, pool
	return nil
}

// guard begins the transaction that row-level security needs around a single operation.
func (s *session) guard(ctx context.Context, write bool) error {
	if s.tx != nil || s.own != nil || !s.db.secured(s.house) {
		return nil
	}
	return s.atomically(ctx, !write)
}

// atomically has the rest of the operation run in one transaction.
func (s *session) atomically(ctx context.Context, readOnly bool) error {
	if s.tx != nil || s.own != nil {
		return nil
	}
	sent := s.db.sending("begin", s.id, s.model, s.house, nil)
	tx, err := s.beginning(ctx, driver.TxOptions{ReadOnly: readOnly, Tenant: s.id})
	sent.done(ctx, 0, err)
	if err != nil {
		return err
	}
	s.own, s.runner = tx, tx
	return s.db.secure(ctx, tx, s.id, s.house)
}

// beginning waits for a connection, for as long as a statement may take.
func (s *session) beginning(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	timed, stop := s.timed(ctx)
	defer stop()
	tx, err := s.pool.Begin(timed, o)
	return tx, s.overtime(timed, err)
}

// secured reports whether the database itself walls the tenant's rows.
func (db *DB) secured(h *house) bool { return h.walled && db.o.RowSecurity }

// secure tells the database whose transaction this is.
func (db *DB) secure(ctx context.Context, tx driver.Tx, id string, h *house) error {
	if !db.secured(h) {
		return nil
	}
	return db.set(ctx, tx, "secure", h, setTenant(id))
}

// set runs a statement that sets something for the rest of a transaction.
func (db *DB) set(ctx context.Context, tx driver.Tx, op string, h *house, st *driver.Statement) error {
	sent := db.sending(op, st.Tenant, "", h, st)
	rows, err := tx.Query(ctx, st)
	rows, err = sent.reading(ctx, rows, err)
	if err != nil {
		return err
	}
	for rows.Next() {
		continue // the row is what was set
	}
	return errors.Join(rows.Err(), rows.Close())
}

// setTenant is the statement that says whose a transaction is.
func setTenant(id string) *driver.Statement { return setLocal(dialect.SetTenant, id, id) }

func setLocal(text, value, tenant string) *driver.Statement {
	return &driver.Statement{
		Text: text, Args: []dialect.Arg{{Value: value, Kind: dialect.Text}},
		Columns: []dialect.Kind{dialect.Text}, Tenant: tenant,
	}
}

// source is where the fields that a template names get their values from: a row, the values of a
// primary key, or many rows, for lists.
type source struct {
	row  unsafe.Pointer
	key  []dialect.Arg
	rows []unsafe.Pointer

	patch string // in place of the row's whole document, what has changed of a tenant's own columns
}

func (src source) value(m *mapping, at int) (any, error) {
	if src.patch != "" && at == m.s.Document() {
		return src.patch, nil
	}
	if src.key != nil {
		return src.key[slices.Index(m.s.Key, at)].Value, nil
	}
	if src.rows != nil {
		return src.list(m, at)
	}
	return m.s.Fields[at].Arg(src.row)
}

func (src source) list(m *mapping, at int) ([]any, error) {
	f := &m.s.Fields[at]
	list := make([]any, len(src.rows))
	for i, row := range src.rows {
		var err error
		if list[i], err = f.Arg(row); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// statement fills a template with the tenant's names, and its arguments with the tenant and what
// the source has. It is the only place that does so.
func (s *session) statement(t *dialect.Template, src source) (*driver.Statement, error) {
	if t.Common && s.house.database != "" {
		return nil, &StatementError{
			Reason: ErrUnsupported, message: "the tenant lives in a database of its own, where the common " +
				"tables are not; read them in the scope that DB.Common returns",
		}
	}
	if t != s.filled {
		s.filled, s.text = t, t.Fill(s.db.d, s.house.names)
	}
	st := newStatement(len(t.Args))
	st.Text, st.Tenant = s.text, s.id
	return st, s.fill(st.Args, t, src)
}

// newStatement makes a statement with room for its arguments, in one piece of memory for as many as a row usually
// has. For one or two that piece would be larger than both by themselves.
func newStatement(args int) *driver.Statement {
	const few, most = 3, 8
	switch {
	case args == 0:
		return new(driver.Statement)
	case args < few, args > most:
		return &driver.Statement{Args: make([]dialect.Arg, args)}
	}
	piece := new(struct {
		driver.Statement

		room [most]dialect.Arg
	})
	piece.Args = piece.room[:args:args]
	return &piece.Statement
}

// fill gives a template's arguments their values.
func (s *session) fill(args []dialect.Arg, t *dialect.Template, src source) error {
	for i, a := range t.Args {
		switch v := a.Value.(type) {
		case dialect.Discriminator:
			a.Value = s.id
		case dialect.Field:
			value, err := src.value(s.m, int(v))
			if err != nil {
				return unfit(err)
			}
			a.Value = value
		}
		args[i] = a
	}
	return nil
}

// exec runs a statement that returns no rows.
func (s *session) exec(ctx context.Context, t *dialect.Template, src source) (driver.Result, error) {
	st, err := s.statement(t, src)
	if err != nil {
		return driver.Result{}, err
	}
	st.Write = true
	if err := s.guard(ctx, true); err != nil {
		return driver.Result{}, err
	}
	sent := s.db.sending(s.op, s.id, s.model, s.house, st)
	timed, stop := s.timed(ctx)
	defer stop()
	r, err := s.runner.Exec(timed, st)
	err = s.overtime(timed, err)
	sent.done(ctx, r.Rows, err)
	return r, err
}

// query runs a statement that returns rows of these kinds.
func (s *session) query(ctx context.Context, t *dialect.Template, src source, kinds []dialect.Kind, write bool) (driver.Rows, error) {
	st, err := s.statement(t, src)
	if err != nil {
		return nil, err
	}
	st.Columns, st.Write = kinds, write
	if err := s.guard(ctx, write); err != nil {
		return nil, err
	}
	sent := s.db.sending(s.op, s.id, s.model, s.house, st)
	most := -1 // what is written is written, however many rows it returns
	if !write {
		most = s.mayRead()
	}
	timed, stop := s.timed(ctx)
	rows, err := s.runner.Query(timed, st)
	rows, err = s.bound(timed, stop, rows, most, err)
	return sent.reading(ctx, rows, err)
}

// within runs fn as the operation and ends it, also when fn panics: it calls methods of the
// application's own types, and the body of its loop.
func (s *session) within(ctx context.Context, fn func() error) error {
	ended := false
	defer func() {
		if !ended {
			_ = s.end(context.WithoutCancel(ctx), errPanicked) // the panic goes on
		}
	}()
	err := fn()
	ended = true
	return s.end(ctx, err)
}

var errPanicked = errors.New("panicked")

// end ends the operation: its own transaction is committed, or undone after an error, and the
// pool is given back. It returns the first error, wrapped.
func (s *session) end(ctx context.Context, err error) error {
	if s.own != nil {
		if err == nil {
			sent := s.db.sending("commit", s.id, s.model, s.house, nil)
			err = s.own.Commit(ctx)
			sent.done(ctx, 0, err)
		}
		if err != nil {
			sent := s.db.sending("rollback", s.id, s.model, s.house, nil)
			sent.done(ctx, 0, s.own.Rollback(ctx)) // the first error is the one to report
		}
		s.own = nil
	}
	s.leave()
	switch {
	case err != nil:
		takeBack(s.undo)
		return s.fail(err)
	case s.tx != nil:
		s.tx.undo = append(s.tx.undo, s.undo...)
	}
	return nil
}

// undoes has fn take back what was put into a row, should the operation fail.
func (s *session) undoes(fn func()) {
	if s.undo == nil {
		s.undo = s.room[:0]
	}
	s.undo = append(s.undo, fn)
}

func (s *session) leave() {
	if s.pool != nil {
		s.pool.done()
		s.pool = nil
	}
	if s.place != nil {
		s.place.leave()
		s.place = nil
	}
}

func (s *session) fail(err error) error { return failed(s.db.drv, s.op, s.id, s.model, err) }
