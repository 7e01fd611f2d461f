package postgres

import (
	"crypto/rand"
	"hash/maphash"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/rowhouse/rowhouse/internal/frequency"
)

// statements are what one connection has the server keep by name, parsed and planned: the texts
// that it runs most often, up to a number. They are used by who has the connection.
//
// A text is named at its second use at the earliest, and then only for one that comes less often:
// of more tenants than there is room for, some keep their statements while the others' are parsed
// each time, which costs less than to replace each before it is used again.
type statements struct {
	prefix string // of the names, which no other connection of any process has
	made   uint64 // names so far
	limit  int
	known  map[uint64]*statement
	turn   uint64    // counts the texts that came
	recent statement // the ends of a ring: next is the last used, prev the one that was not for longest
	often  frequency.Sketch

	old     []string // names that the server is to forget, the oldest first
	telling int      // how many of them it is being told of

	probe probe
	uses  int // of names, since one was not there
}

// statement is one of the server's.
type statement struct {
	key        uint64
	text       string
	oids       []uint32 // of its arguments: another type is another statement
	name       string
	desc       *pgconn.StatementDescription // nil until the server has answered
	used       uint64                       // the turn in which it was used last
	prev, next *statement
}

// maxText is the longest text that is named. Of each the server keeps several times as much, and
// those that are longer take so long to run that to parse them does not count.
const maxText = 8 << 10

var seed = maphash.MakeSeed()

// connectionKey is where a connection keeps its statements.
const connectionKey = "github.com/rowhouse/rowhouse/driver/postgres"

// statementsOf are those of a connection, for as long as it lasts.
func statementsOf(conn *pgx.Conn, limit int) *statements {
	data := conn.PgConn().CustomData()
	if kept, ok := data[connectionKey].(*statements); ok {
		return kept
	}
	made := &statements{
		prefix: "rowhouse_" + rand.Text() + "_", limit: limit,
		known: map[uint64]*statement{}, often: frequency.New(limit),
	}
	made.recent.prev, made.recent.next = &made.recent, &made.recent
	data[connectionKey] = made
	return made
}

// key is that of a text with arguments of these types.
func key(text string, oids []uint32) uint64 {
	k := maphash.String(seed, text)
	for _, oid := range oids {
		k = (k ^ uint64(oid)) * 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio
		k ^= k >> 32
	}
	return k
}

// use is how a text is to be run.
type use struct {
	named *statement // or nil
	fresh bool       // the server does not have it yet
	ask   bool       // it would have a name if it were known that names last
}

func (c *statements) use(text string, oids []uint32) use {
	k := key(text, oids)
	uses := c.often.Add(k)
	c.turn++
	n := c.known[k]
	switch {
	case n != nil && n.text == text && slices.Equal(n.oids, oids):
		n.leave()
		n.enter(&c.recent)
		n.used = c.turn
		c.uses++
		return use{named: n}
	case n != nil, uses < 2, len(text) > maxText:
		return use{}
	case c.probe != lasting:
		return use{ask: c.probe == unasked}
	case !c.makeRoom(uses):
		return use{}
	}
	return use{named: c.add(k, text, oids), fresh: true}
}

// makeRoom reports whether a text of so many uses is to have a name. One use more is not enough
// to push another out, unless that is idle: of texts that take turns, the next has always been used once more.
func (c *statements) makeRoom(uses uint8) bool {
	if len(c.known) < c.limit {
		return true
	}
	last := c.recent.prev
	if last == &c.recent {
		return false
	}
	if idle := c.turn-last.used > frequency.Idle; !idle && int(uses) <= int(c.often.Of(last.key))+1 {
		return false
	}
	c.forget(last)
	return true
}

func (c *statements) add(k uint64, text string, oids []uint32) *statement {
	n := &statement{key: k, text: text, oids: slices.Clone(oids), name: c.newName(), used: c.turn}
	n.enter(&c.recent)
	c.known[k] = n
	return n
}

func (c *statements) newName() string {
	c.made++
	return c.prefix + strconv.FormatUint(c.made, 36)
}

// forget has the server forget a statement with the next that is named.
func (c *statements) forget(n *statement) {
	if c.known[n.key] != n {
		return
	}
	delete(c.known, n.key)
	n.leave()
	c.old = append(c.old, n.name)
}

// forgetAll is for what the server has forgotten already.
func (c *statements) forgetAll() {
	clear(c.known)
	c.recent.prev, c.recent.next = &c.recent, &c.recent
	c.old, c.telling, c.uses = nil, 0, 0
}

// tell sends a name ahead of its use, and the names that the server may forget, of which it
// returns the number.
func (c *statements) tell(w *pgconn.Pipeline, n *statement) (closes int) {
	closes = len(c.old) - c.telling
	for _, name := range c.old[c.telling:] {
		w.SendDeallocate(name)
	}
	c.telling = len(c.old)
	w.SendPrepare(n.name, n.text, n.oids)
	return closes
}

// told reads the replies to tell; if there is not each of them, untold has to follow.
func (c *statements) told(w *pgconn.Pipeline, n *statement, closes int) error {
	for range closes {
		if _, err := reply[*pgconn.CloseComplete](w); err != nil {
			return err
		}
		c.old, c.telling = c.old[1:], c.telling-1
	}
	desc, err := reply[*pgconn.StatementDescription](w)
	if err != nil {
		return err
	}
	desc.Name = n.name
	n.desc = desc
	return nil
}

// untold is for a name that the server may not have heard of, nor of any that was sent after it.
func (c *statements) untold(n *statement) {
	c.telling = 0
	c.forget(n)
}

func (n *statement) leave() {
	n.prev.next, n.next.prev = n.next, n.prev
}

func (n *statement) enter(ring *statement) {
	n.prev, n.next = ring, ring.next
	n.prev.next, n.next.prev = n, n
}
