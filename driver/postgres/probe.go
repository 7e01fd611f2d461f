package postgres

import (
	"encoding/binary"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
)

// A pooler that gives each transaction any server is no place for names, unless it knows of
// them: PgBouncer does from 1.21 on, with max_prepared_statements. Nothing says which it is, so
// each connection asks once, together with the first statement that it would name: whose process
// is this, and does it have the statement under the name that we gave it? Our own process is the
// one that we have the key to cancel; another's is behind a pooler, which has renamed the
// statement if it takes care of it.
const probeText = `SELECT pg_catalog.pg_backend_pid(),
	EXISTS (SELECT FROM pg_catalog.pg_prepared_statements AS "kept" WHERE "kept"."name" = $1)`

// probe is how far a connection is with that.
type probe uint8

const (
	unasked probe = iota
	asked
	lasting // names last
	fleeting
)

// ask sends the question; nothing stays of it.
func (c *statements) ask(w *pgconn.Pipeline) {
	c.probe = asked
	name := c.newName()
	w.SendPrepare(name, probeText, nil)
	w.SendQueryPrepared(name, [][]byte{[]byte(name)}, nil, []int16{binaryFormat, binaryFormat})
	w.SendDeallocate(name)
}

// hear reads the answer.
func (c *statements) hear(w *pgconn.Pipeline, pid uint32) error {
	c.probe = unasked // until it is known better
	if _, err := reply[*pgconn.StatementDescription](w); err != nil {
		return err
	}
	reader, err := reply[*pgconn.ResultReader](w)
	if err != nil {
		return err
	}
	result := reader.Read()
	if result.Err != nil {
		return result.Err
	}
	if _, err := reply[*pgconn.CloseComplete](w); err != nil {
		return err
	}
	if len(result.Rows) != 1 || len(result.Rows[0][0]) != 4 || len(result.Rows[0][1]) != 1 {
		return errAstray
	}
	c.probe = lasting
	if binary.BigEndian.Uint32(result.Rows[0][0]) != pid && result.Rows[0][1][0] == 1 {
		c.probe = fleeting
	}
	return nil
}

// reply reads the next of a pipeline's, of which the type is known.
func reply[T any](w *pgconn.Pipeline) (T, error) {
	var none T
	results, err := w.GetResults()
	if err != nil {
		return none, err
	}
	if r, ok := results.(T); ok {
		return r, nil
	}
	return none, fmt.Errorf("%w: a %T instead of a %T", errAstray, results, none)
}
