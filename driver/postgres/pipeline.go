package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/rowhouse/rowhouse/driver"
)

// What is sent ahead of the replies. The number of statements bounds memory on both sides and
// hides the network; what they weigh fits the buffers between, so that a write seldom waits for
// a server that waits for us to read. (If it does, pgconn reads in the background.) A statement
// that weighs more goes alone. Parts of the window are flushed early, so that the server works
// while the rest is being written.
const (
	windowStatements = 128
	windowBytes      = 256 << 10
	flushStatements  = 32
	flushBytes       = 64 << 10
)

const unnamed = ""

// maxArgs is what a Bind message can count.
const maxArgs = math.MaxUint16

// batchStatements is how many reads of Each share a Sync, which bounds the locks that they hold
// together: those of their tables and of all the indexes.
const batchStatements = 32

// Pipeline takes a connection until the last reply has been read.
//
// Never is anything sent while a Sync outside of a transaction is unanswered. The answer has a
// pooler take the server away, and PgBouncer before 1.21 and others do so even if they have
// passed on the beginning of the next statement, whose rest then meets another server. So
// transactions of Each that only read are sent as one, and sent again from where one has failed;
// one that writes ends the batch that it is in.
func (d *db) Pipeline(
	ctx context.Context, statements iter.Seq[*driver.Statement], o driver.PipelineOptions,
	read func(i int, r driver.Reply) error,
) error {
	conn, err := d.acquire(ctx, o.Tx.Tenant)
	if err != nil {
		return err
	}
	defer conn.Release()
	p := &pipeline{db: d, conn: conn.Conn.Conn(), pooled: conn, each: o.Each, read: read}
	switch {
	case o.Snapshot:
		p.begin, p.implicit = snapshotText, true
	case o.Each == 0:
		p.begin, p.readOnly = beginText(o.Tx), o.Tx.ReadOnly
	}
	return p.run(ctx, statements)
}

// Pipeline runs on the transaction's connection.
func (t *tx) Pipeline(
	ctx context.Context, statements iter.Seq[*driver.Statement], _ driver.PipelineOptions,
	read func(i int, r driver.Reply) error,
) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	t.piped = true
	defer func() {
		t.piped = false
		if t.ended {
			t.undo(ctx)
		}
	}()
	p := &pipeline{db: t.db, conn: t.conn, tx: t, read: read}
	if !t.begun {
		p.begin = beginText(t.options)
	}
	return p.run(ctx, statements)
}

// The words that a pipeline sends by itself, as pgx has them.
const (
	commitText   = "commit"
	rollbackText = "rollback"
)

// snapshotText begins a snapshot in the transaction that the server begins by itself, and ends with the Sync
// (https://www.postgresql.org/docs/current/protocol-flow.html, "Pipelining"): with a BEGIN and a COMMIT around
// them, reading fifty rows with their children takes a twentieth longer. It is the level of this transaction, each
// of which begins with the default one.
const snapshotText = "set transaction_isolation to 'repeatable read'"

func beginText(o driver.TxOptions) string {
	text := "begin"
	native := txOptions(o)
	if native.IsoLevel != "" {
		text += " isolation level " + string(native.IsoLevel)
	}
	if native.AccessMode != "" {
		text += " " + string(native.AccessMode)
	}
	return text
}

// pipeline is one call of Pipeline.
type pipeline struct {
	db       *db
	conn     *pgx.Conn
	pooled   held // none in a transaction
	tx       *tx  // nil on a pool
	wire     *pgconn.Pipeline
	read     func(int, driver.Reply) error
	each     int
	begin    string // what begins a transaction of all, or ""
	implicit bool   // that ends with the Sync
	readOnly bool

	names *statements // of the connection, or nil

	// Sending.
	binding *binding
	next    int // index of the next statement of the sequence
	sent    int // index of the last one that was sent, or is sent again
	unit    unit
	batch   int      // statements since the last Sync
	limit   int      // for them, with Each; less after a failure
	parsed  string   // what the unnamed statement is, since the last Sync, or ""
	oids    []uint32 // of its arguments
	synced  bool     // nothing was sent after the last Sync
	dirty   bool     // something is not flushed
	unsent  int      // statements that are not
	weight  int      // their bytes

	// Receiving.
	skipping bool     // the rest of a transaction of Each, of which a statement has failed
	lost     bool     // the server passes over what comes before the next Sync
	again    []flight // that it has passed over
	answered []flight // of the present transaction of Each
	told     bool     // read has been called, or all was sent twice

	flights  []flight // sent, in order, from head on
	head     int
	airborne int // statements among them
	bytes    int // what they weigh

	inTx       bool // begun here, and not known to have ended
	committing bool
	err        error // what ended all
	stopped    bool  // by the caller, with replies that are not worth waiting for
	finished   bool
}

// unit is the transaction of Each that is being sent.
type unit struct {
	statements int  // so far
	wired      bool // some of them are sent
	writes     bool // one of these writes
	spoilt     bool // one could not be sent
}

// flight is what a reply is awaited for.
type flight struct {
	statement *driver.Statement
	named     *statement // as which it was sent, or nil
	fresh     bool       // it was named with that
	closes    int        // names that the server was to forget with that
	repeated  bool       // its reply has been read, before its transaction had to be sent again
	kind      flightKind
	last      bool // of a transaction of Each
	index     int  // for an end, that of the last statement
	batch     int  // of an end, how many statements it ends
	bytes     int
	err       error // the arguments', so that nothing was sent
	traced    func(pgconn.CommandTag, error)
}

// flightsKept have been received, and wait for another pipeline.
var flightsKept = sync.Pool{New: func() any { return new(make([]flight, 0, 8)) }}

func takeFlights() []flight { return *flightsKept.Get().(*[]flight) }

func giveBackFlights(list []flight) {
	clear(list[:cap(list)])
	list = list[:0]
	flightsKept.Put(&list)
}

type flightKind uint8

const (
	aStatement flightKind = iota
	aBegin
	aCommit
	aSync
	aProbe
)

var (
	errSkipped = errors.New("postgres: skipped, because of an earlier statement of the pipeline")
	errAstray  = errors.New("postgres: a reply in a pipeline is missing")
	errWritten = errors.New("postgres: a snapshot is only read")
)

func (p *pipeline) run(ctx context.Context, statements iter.Seq[*driver.Statement]) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p.binding, p.flights = takeBinding(), takeFlights()
	p.synced, p.limit = true, batchStatements
	if p.db.naming.gives() {
		p.names = statementsOf(p.conn, p.db.naming.limit)
	}
	p.wire = p.conn.PgConn().StartPipeline(ctx)
	defer p.close(ctx)
	for s := range statements {
		p.next++
		p.pooled.visit(s.Tenant)
		p.add(ctx, flight{index: p.next - 1, statement: s})
		p.repeat(ctx)
		if p.err != nil {
			break
		}
	}
	if p.err == nil {
		p.finish(ctx)
	}
	p.finished = true
	return p.err
}

// add sends a statement, after it has received what there is no room for otherwise.
func (p *pipeline) add(ctx context.Context, f flight) {
	p.binding.reset()
	s := f.statement
	if f.err = p.binding.bind(s); f.err == nil && len(s.Args) > maxArgs {
		f.err = fmt.Errorf("postgres: %d arguments: a statement has %d at most", len(s.Args), maxArgs)
	}
	if p.implicit && s.Write {
		f.err = errWritten // given up in the middle, it would be committed
	}
	f.bytes = len(s.Text) + len(p.binding.buf) + 16*len(s.Args) + 64
	if p.makeRoom(ctx, f.bytes); p.err != nil {
		return
	}
	if f.index == 0 && p.begin != "" {
		p.say(ctx, p.begin, aBegin)
		p.inTx = p.tx == nil && !p.implicit
		if p.tx != nil {
			p.tx.begun = true
		}
	}
	p.sent = f.index
	p.batch++
	p.unit.statements++
	f.last = p.unit.statements == p.each
	if f.err != nil || p.unit.spoilt {
		p.unit.spoilt = true
	} else {
		p.send(ctx, &f)
	}
	p.push(f)
	switch {
	case p.each == 0 && f.err != nil:
		p.receiveAll(ctx)
	case f.last:
		p.endUnit(ctx)
	}
	if p.unsent >= flushStatements || p.weight >= flushBytes {
		p.flush()
	}
}

// send sends a statement by its name, if it has one or is to have it.
func (p *pipeline) send(ctx context.Context, f *flight) {
	if p.db.tracer != nil {
		_, f.traced = p.db.trace(ctx, p.conn, f.statement)
	}
	b := p.binding
	use := p.use(f.statement)
	p.db.counts.note(use)
	switch n := use.named; {
	case n == nil:
		p.sendUnnamed(f.statement.Text)
	case use.fresh:
		f.fresh, f.closes = true, p.names.tell(p.wire, n)
		p.wire.SendQueryPrepared(n.name, b.values, b.formats, b.results)
	case n.desc == nil, len(n.desc.Fields) == 0:
		p.wire.SendQueryPrepared(n.name, b.values, b.formats, b.results)
	default:
		p.wire.SendQueryStatement(n.desc, b.values, b.formats, slices.Clone(b.results))
	}
	f.named = use.named
	p.unit.wired = true
	p.unit.writes = p.unit.writes || f.statement.Write
	p.unsent++
	p.weight += f.bytes
	p.synced, p.dirty = false, true
}

// sendUnnamed has the server parse a text, and plan it, only once if it comes many times in a row.
// That is good until a Sync: then another's statement may be the unnamed one.
func (p *pipeline) sendUnnamed(text string) {
	b := p.binding
	if p.parsed == text && slices.Equal(p.oids, b.oids) {
		p.wire.SendQueryPrepared(unnamed, b.values, b.formats, b.results)
		return
	}
	p.wire.SendQueryParams(text, b.values, b.oids, b.formats, b.results)
	p.parsed, p.oids = text, append(p.oids[:0], b.oids...)
}

// use asks whether names last, where it matters and can be asked: a server that does not
// understand it fails what comes behind, which then must be sent again.
func (p *pipeline) use(s *driver.Statement) use {
	if p.names == nil || !p.db.naming.gives() || !p.db.naming.suits(s) {
		return use{}
	}
	u := p.names.use(s.Text, p.binding.oids)
	again := p.each > 0 && p.unit.statements == 1 || p.each == 0 && p.begin != "" && p.sent == 0
	if u.ask && p.db.naming.asks(p.conn, again) {
		p.names.ask(p.wire)
		p.push(flight{kind: aProbe})
	}
	return u
}

// say sends a word of our own, by its name if it has one. What commits writes is without: it could not be
// said again.
func (p *pipeline) say(ctx context.Context, text string, kind flightKind) {
	f := flight{kind: kind}
	if p.db.tracer != nil {
		_, f.traced = p.db.trace(ctx, p.conn, &driver.Statement{Text: text})
	}
	var word use
	if p.names != nil && p.db.naming.gives() && (kind == aBegin || p.readOnly) {
		word = p.names.use(text, nil)
	}
	if f.named = word.named; f.named == nil {
		p.wire.SendQueryParams(text, nil, nil, nil, nil)
		p.parsed = ""
	} else {
		if word.fresh {
			f.fresh, f.closes = true, p.names.tell(p.wire, f.named)
		}
		p.wire.SendQueryPrepared(f.named.name, nil, nil, nil)
	}
	p.push(f)
	p.synced, p.dirty = false, true
}

// endUnit ends a transaction of Each, and with it the batch if that is full, or must not have
// another. One that could not be sent whole has to be undone, of which the server warns, because
// nothing else has begun it.
func (p *pipeline) endUnit(ctx context.Context) {
	partly := p.unit.spoilt && p.unit.wired && p.unit.writes
	if partly {
		p.wire.SendQueryParams(rollbackText, nil, nil, nil, nil)
	}
	full := partly || p.unit.writes || p.batch >= p.limit
	p.unit = unit{}
	if full {
		p.endBatch(ctx)
	}
}

func (p *pipeline) endBatch(ctx context.Context) {
	p.sync()
	p.limit = min(2*p.limit, batchStatements)
	p.batch = 0
	p.receiveAll(ctx)
}

// repeat sends again what the server has passed over, fewer at once, so that many failures cost
// no more than one by one.
func (p *pipeline) repeat(ctx context.Context) {
	for p.err == nil && len(p.again) > 0 && p.synced {
		list := p.again
		p.again, p.limit = nil, 1
		for i := range list {
			p.add(ctx, list[i])
			if p.err != nil {
				return
			}
			if len(p.again) > 0 && p.synced {
				p.again = append(p.again, list[i+1:]...)
				break
			}
		}
	}
}

func (p *pipeline) sync() {
	p.wire.SendPipelineSync()
	p.synced, p.dirty, p.parsed = true, true, ""
	p.push(flight{kind: aSync, index: p.sent, batch: p.batch})
}

// flush has what was sent go out, and the server answer it.
func (p *pipeline) flush() {
	if !p.dirty || p.err != nil {
		return
	}
	if !p.synced {
		p.wire.SendFlushRequest()
	}
	p.dirty, p.unsent, p.weight = false, 0, 0
	p.err = p.wire.Flush()
}

func (p *pipeline) push(f flight) {
	if p.head >= windowStatements {
		p.flights = append(p.flights[:0], p.flights[p.head:]...)
		p.head = 0
	}
	p.flights = append(p.flights, f)
	if f.kind == aStatement {
		p.airborne++
		p.bytes += f.bytes
	}
}

func (p *pipeline) pop() flight {
	f := p.flights[p.head]
	p.flights[p.head] = flight{}
	if p.head++; p.head == len(p.flights) {
		p.flights, p.head = p.flights[:0], 0
	}
	if f.kind == aStatement {
		p.airborne--
		p.bytes -= f.bytes
	}
	return f
}

// makeRoom receives replies until another statement may be sent, and then some more, so that
// what is sent goes out by parts of the window.
func (p *pipeline) makeRoom(ctx context.Context, bytes int) {
	if p.airborne < windowStatements && (p.airborne == 0 || p.bytes+bytes <= windowBytes) {
		return
	}
	p.flush()
	for p.err == nil && p.airborne > 0 &&
		(p.airborne > windowStatements-flushStatements || p.bytes+bytes > windowBytes-flushBytes) {
		p.receive(ctx)
	}
}

func (p *pipeline) receiveAll(ctx context.Context) {
	p.flush()
	for p.err == nil && p.head < len(p.flights) {
		p.receive(ctx)
	}
}

// finish ends what the last statement leaves open, and receives all that is due.
func (p *pipeline) finish(ctx context.Context) {
	switch {
	case p.next == 0:
		return
	case p.each > 0:
		p.finishEach(ctx)
		return
	case !p.inTx:
		p.sync()
	case p.readOnly:
		p.commit(ctx)
	}
	p.receiveAll(ctx)
	if p.inTx && p.err == nil {
		if p.err = ctx.Err(); p.err == nil {
			p.commit(ctx)
			p.receiveAll(ctx)
			p.err = committed(ctx, p.err)
		}
	}
}

func (p *pipeline) finishEach(ctx context.Context) {
	for p.err == nil && (p.batch > 0 || len(p.again) > 0) {
		if p.unit.statements > 0 {
			p.endUnit(ctx)
		}
		if p.batch > 0 {
			p.endBatch(ctx)
		}
		p.repeat(ctx)
	}
}

func (p *pipeline) commit(ctx context.Context) {
	p.say(ctx, commitText, aCommit)
	p.committing = true
	p.sync()
}

func (p *pipeline) receive(ctx context.Context) {
	f := p.pop()
	switch {
	case f.kind == aSync:
		p.receiveSync(ctx, &f)
		p.skipping, p.lost = false, false
	case f.kind == aProbe:
		p.receiveProbe(ctx)
	case f.kind != aStatement:
		p.receiveWord(ctx, &f)
	case p.skipping:
		p.skip(&f)
		p.skipping = !f.last
	case p.lost:
		p.skip(&f)
		p.sendAgain(&f)
	case f.err != nil:
		p.fail(&f, f.err)
	default:
		p.receiveReply(ctx, &f)
	}
}

// skip is for a statement that the server has not answered.
func (p *pipeline) skip(f *flight) {
	if f.kind == aProbe {
		p.names.probe = unasked
	}
	f.tell(errSkipped)
	p.unsaid(f)
}

// unsaid is for a name of which it is not known whether the server has heard it.
func (p *pipeline) unsaid(f *flight) {
	if f.fresh && f.named.desc == nil {
		p.names.untold(f.named)
	}
}

func (p *pipeline) sendAgain(f *flight) {
	p.again = append(p.again, flight{index: f.index, statement: f.statement, repeated: f.repeated})
}

// tell tells the tracer of a statement that was not read.
func (f *flight) tell(err error) {
	if f.traced != nil {
		f.traced(pgconn.CommandTag{}, err)
	}
}

func (p *pipeline) receiveReply(ctx context.Context, f *flight) {
	// What is in the buffers already would come without asking the context.
	err := ctx.Err()
	var w sent
	if err == nil {
		w, err = p.result(f)
	}
	switch {
	case err != nil:
		f.tell(err)
		p.unsaid(f)
		p.failed(ctx, f, err)
	case f.statement.Columns != nil:
		p.receiveRows(ctx, f, w)
	default:
		result, err := w.result()
		if err != nil {
			p.failed(ctx, f, err)
			return
		}
		p.done(f)
		p.stop(p.tellReader(f, driver.Reply{Result: result}))
	}
}

func (p *pipeline) result(f *flight) (sent, error) {
	if f.fresh {
		if err := p.names.told(p.wire, f.named, f.closes); err != nil {
			return sent{}, err
		}
	}
	reader, err := reply[*pgconn.ResultReader](p.wire)
	return sent{conn: p.conn, reader: reader, traced: f.traced}, err
}

// receiveRows gives each reply rows of its own: used again they would show those who keep them
// another tenant's.
func (p *pipeline) receiveRows(ctx context.Context, f *flight, w sent) {
	r, err := w.rows(f.statement)
	if err != nil {
		p.failed(ctx, f, err)
		return
	}
	defer r.leave()
	p.done(f)
	if p.stop(p.tellReader(f, driver.Reply{Rows: r})); p.err != nil {
		return
	}
	_ = r.Close() // or read has closed them, and kept the error
	if r.failure != nil {
		p.failed(ctx, f, r.failure)
	}
}

// done remembers what must be sent again if the rest of its transaction must.
func (p *pipeline) done(f *flight) {
	if p.each > 1 {
		p.answered = append(p.answered, flight{index: f.index, statement: f.statement, repeated: true})
	}
	if f.last {
		p.answered = p.answered[:0]
	}
}

// tellReader calls read, which may have ended the transaction.
func (p *pipeline) tellReader(f *flight, r driver.Reply) error {
	if f.repeated && r.Err == nil {
		return nil
	}
	p.told = true
	err := p.read(f.index, r)
	if err == nil && p.tx != nil && p.tx.ended {
		err = errEnded
	}
	return err
}

func (p *pipeline) stop(err error) {
	if err != nil {
		p.err, p.stopped = err, true
	}
}

// failed sorts what ended a statement only from what ended all of them.
func (p *pipeline) failed(ctx context.Context, f *flight, err error) {
	switch p.lost = p.isStatements(err); {
	case !p.lost:
		p.err = err
	case !p.db.naming.outdated(p.names, f.named, err):
		p.fail(f, err)
	case p.each > 0:
		p.again = append(p.again, p.answered...)
		p.sendAgain(f)
	case p.begin != "" && !p.told:
		p.beginAgain(ctx, f)
	default:
		p.fail(f, err)
	}
	p.answered = p.answered[:0]
}

// beginAgain undoes the transaction and begins it with the same statements, of which none has been
// told; f has failed, or is nil. A failure that comes again is told.
func (p *pipeline) beginAgain(ctx context.Context, f *flight) {
	var list []flight
	if f != nil {
		list = append(list, flight{index: f.index, statement: f.statement})
	}
	for p.head < len(p.flights) {
		g := p.pop()
		if p.skip(&g); g.kind == aStatement {
			list = append(list, flight{index: g.index, statement: g.statement})
		}
	}
	if p.err = p.undo(); p.err != nil {
		return
	}
	kept := p.binding // that of a statement which waits for room
	p.binding = takeBinding()
	defer func() {
		p.binding.giveBack()
		p.binding = kept
	}()
	committing, synced := p.committing, p.synced
	p.wire = p.conn.PgConn().StartPipeline(ctx)
	p.told, p.inTx, p.committing, p.synced, p.lost, p.parsed = true, false, false, true, false, ""
	p.unit, p.batch, p.unsent, p.weight = unit{}, 0, 0, 0
	for i := range list {
		if p.add(ctx, list[i]); p.err != nil {
			return
		}
	}
	switch {
	case committing:
		p.commit(ctx)
	case synced:
		p.sync()
	}
	p.flush()
}

// undo has the server forget a transaction that a statement has failed.
func (p *pipeline) undo() error {
	if !p.synced {
		p.wire.SendPipelineSync()
	}
	if !p.implicit {
		p.wire.SendQueryParams(rollbackText, nil, nil, nil, nil)
		p.wire.SendPipelineSync()
	}
	if err := p.wire.Flush(); err != nil {
		return err
	}
	return p.wire.Close()
}

// receiveProbe reads whether names last.
func (p *pipeline) receiveProbe(ctx context.Context) {
	if p.lost {
		p.names.probe = unasked
		return
	}
	err := p.db.naming.hear(p.names, p.wire, p.conn.PgConn().PID())
	switch p.lost = p.isStatements(err); {
	case !p.lost:
		p.err = err
	case p.each == 0 && p.begin != "" && !p.told:
		p.beginAgain(ctx, nil)
	case p.each == 0:
		p.err = err
	}
}

func (p *pipeline) isStatements(err error) bool {
	_, is := errors.AsType[*pgconn.PgError](err)
	return is && !p.conn.IsClosed()
}

func (p *pipeline) fail(f *flight, err error) {
	stop := p.tellReader(f, driver.Reply{Err: err})
	switch {
	case stop != nil:
		p.err, p.stopped = stop, !p.lost // else the server skips the rest
	case p.each == 0:
		p.err = err
	default:
		p.skipping = !f.last
	}
}

func (p *pipeline) receiveWord(ctx context.Context, f *flight) {
	w, err := p.result(f)
	if err != nil {
		f.tell(err)
		p.unsaid(f)
	} else {
		var tag pgconn.CommandTag
		tag, err = w.close()
		if err == nil && f.kind == aCommit && tag.String() == "ROLLBACK" {
			err = pgx.ErrTxCommitRollback
		}
	}
	if err != nil && f.kind == aBegin && !p.told && p.isStatements(err) && p.db.naming.outdated(p.names, f.named, err) {
		p.lost = true
		p.beginAgain(ctx, nil)
		return
	}
	p.err = err
	if f.kind == aCommit || err != nil {
		p.inTx = false
	}
	if f.kind == aBegin && p.tx != nil {
		p.tx.refused = err
	}
}

// receiveSync is where transactions of Each are committed, which may fail.
func (p *pipeline) receiveSync(ctx context.Context, f *flight) {
	for {
		results, err := p.wire.GetResults()
		switch r := results.(type) {
		case *pgconn.PipelineSync:
			if p.lost {
				p.renew(ctx)
			}
			return
		case *pgconn.ResultReader:
			_, _ = r.Close() // the ROLLBACK of endUnit
			continue
		}
		switch {
		case err == nil:
			p.err = errAstray
			return
		case !p.isStatements(err):
			p.err = err
			return
		case !p.lost:
			p.failBatch(f, err)
		}
	}
}

// renew forgets what pgconn keeps of statements that the server has passed over: it would take
// their columns for those of the next.
func (p *pipeline) renew(ctx context.Context) {
	if p.head == len(p.flights) && p.wire.Close() == nil {
		p.wire = p.conn.PgConn().StartPipeline(ctx)
	}
}

func (p *pipeline) failBatch(f *flight, err error) {
	if p.each == 0 {
		p.err = err
		return
	}
	for i := f.index - f.batch + p.each; p.err == nil && i < f.index+p.each; i += p.each {
		p.fail(&flight{index: min(i, f.index), last: true}, err)
	}
}

// close leaves the connection ready for the next statement, or closed.
func (p *pipeline) close(ctx context.Context) {
	for p.head < len(p.flights) {
		f := p.pop()
		p.skip(&f)
	}
	p.binding.giveBack()
	giveBackFlights(p.flights)
	p.flights = nil
	pg := p.conn.PgConn()
	switch {
	case p.finished && p.err == nil, pg.IsClosed(): // all has been received, or nothing more will be
		_ = p.wire.Close()
		return
	case p.pooled.Conn == nil:
		p.abort(ctx)
		return
	}
	end := time.Now()
	switch {
	case ctx.Err() != nil:
	case p.stopped, !p.finished:
		end = end.Add(drainTime)
	default:
		end = end.Add(rollbackTime)
	}
	// What passes it makes pgconn close the connection and cancel the statement.
	_ = pg.Conn().SetDeadline(end)
	p.abort(ctx)
	if !pg.IsClosed() {
		_ = pg.Conn().SetDeadline(time.Time{})
	}
}

// abort ends a pipeline with replies that nobody reads. A Sync has the server go on after an
// error, but must not commit what is not whole.
func (p *pipeline) abort(ctx context.Context) {
	undo := func() {
		if p.db.tracer != nil {
			_, told := p.db.trace(ctx, p.conn, &driver.Statement{Text: rollbackText})
			defer func() { told(pgconn.CommandTag{}, nil) }()
		}
		p.wire.SendQueryParams(rollbackText, nil, nil, nil, nil)
		p.wire.SendPipelineSync()
	}
	switch {
	case p.inTx && (!p.committing || !p.stopped):
		p.wire.SendPipelineSync()
		undo()
	case p.each > 0 && p.unit.writes:
		undo()
	case !p.synced:
		p.wire.SendPipelineSync()
	}
	_ = p.wire.Flush() // pgconn closes the connection on an error
	_ = p.wire.Close()
}
