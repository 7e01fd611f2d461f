package isolation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// oracle reads every statement that goes out and keeps the first that should not have.
type oracle struct {
	e       *engine
	own     []string // the catalog's tables
	secured bool     // row-level security is on

	mu     sync.Mutex
	places map[string][]lease
	first  error
	seen   int
}

// lease is a place that a tenant has, or had until not long ago.
type lease struct {
	*place
	until time.Time // zero for the one that it has
}

func newOracle(e *engine, places []*place, secured bool) *oracle {
	o := &oracle{e: e, places: map[string][]lease{}, secured: secured}
	for _, at := range places {
		o.places[at.id] = []lease{{place: at}}
	}
	for _, table := range []string{"rowhouse_tenant", "rowhouse_generation"} {
		o.own = append(o.own, e.quoted(e.home)+"."+e.quoted(table))
	}
	return o
}

// move says that a tenant has another place from now on. Statements may go to the one before for
// as long as a process need not know.
func (o *oracle) move(to *place, grace time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := o.places[to.id]
	for i := range all {
		if all[i].until.IsZero() {
			all[i].until = time.Now().Add(grace)
		}
	}
	o.places[to.id] = append(all, lease{place: to})
}

// of returns where a tenant's statements may go, the present place first.
func (o *oracle) of(tenant string) (list []lease) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range slices.Backward(o.places[tenant]) {
		if l.until.IsZero() || time.Now().Before(l.until) {
			list = append(list, l)
		}
	}
	return list
}

// knows reports whether a text is the id of a tenant.
func (o *oracle) knows(text string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, is := o.places[text]
	return is
}

// see is what a recorded driver calls.
func (o *oracle) see(database string, s *driver.Statement) {
	err := o.check(database, s)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seen++
	if err != nil && o.first == nil {
		o.first = fmt.Errorf("breach: statement for tenant %q in database %q: %w: %s", s.Tenant, database, err, s.Text)
	}
}

// take returns the first statement that should not have gone out since the last take.
func (o *oracle) take() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	err := o.first
	o.first = nil
	return err
}

// who is the context's key for the tenant that a goroutine works for.
type who struct{}

// sent checks a statement against what the caller's context says of whom it is for.
func (o *oracle) sent(ctx context.Context, s *driver.Statement) {
	id, ok := ctx.Value(who{}).(string)
	if !ok || s.Tenant == "" || s.Tenant == id {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.first == nil {
		o.first = fmt.Errorf("breach: tenant %q asked, and a statement for tenant %q went out: %s", id, s.Tenant, s.Text)
	}
}

func (o *oracle) check(database string, s *driver.Statement) error {
	tokens := scan(s.Text, o.e.quote)
	if err := o.checkWords(tokens, s); err != nil {
		return err
	}
	if s.Tenant == "" {
		return o.checkOwn(database, tokens)
	}
	if err := o.checkArgs(s); err != nil {
		return err
	}
	leases := o.of(s.Tenant)
	if len(leases) == 0 {
		return errors.New("there is no such tenant")
	}
	var first error
	for _, l := range leases {
		err := o.checkAt(l.place, database, tokens, s)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// checkAt accepts a statement that is for a tenant in that place.
func (o *oracle) checkAt(at *place, database string, tokens []token, s *driver.Statement) error {
	if database != at.database {
		return fmt.Errorf("the tenant's database is %q", at.database)
	}
	if control(tokens) || s.Text == dialect.SetTenant {
		return nil
	}
	mentions, err := mentioned(tokens)
	if err != nil {
		return err
	}
	if len(mentions) == 0 {
		return errors.New("no table is named")
	}
	for _, m := range mentions {
		if err := o.checkTable(at, tokens, m, s); err != nil {
			return err
		}
	}
	return checkAliases(tokens, mentions)
}

// checkWords refuses whatever touches the session.
func (o *oracle) checkWords(tokens []token, s *driver.Statement) error {
	if len(tokens) == 0 {
		return errors.New("it is empty")
	}
	if s.Text == dialect.SetTenant {
		if !o.secured || len(s.Args) != 1 || s.Args[0].Value != any(s.Tenant) {
			return fmt.Errorf("row-level security is told a tenant: %v", s.Args)
		}
		return nil
	}
	for _, t := range tokens {
		if lower := strings.ToLower(t.text); strings.Contains(lower, "search_path") || strings.Contains(lower, "set_config") ||
			strings.Contains(lower, "current_setting") {
			return errors.New("it touches the session")
		}
	}
	switch tokens[0].text {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "SAVEPOINT", "RELEASE":
		return nil
	case "ROLLBACK":
		if len(tokens) > 1 && tokens[1].text == "TO" {
			return nil
		}
	}
	return errors.New("it begins as none should")
}

// control reports a savepoint's statement, which names no table.
func control(tokens []token) bool {
	return slices.Contains([]string{"SAVEPOINT", "RELEASE", "ROLLBACK"}, tokens[0].text)
}

// checkOwn lets the catalog's statements at the catalog's tables.
func (o *oracle) checkOwn(database string, tokens []token) error {
	mentions, err := mentioned(tokens)
	if err != nil {
		return err
	}
	for _, m := range mentions {
		if database != "" || !slices.Contains(o.own, o.e.written(m.names)) {
			return fmt.Errorf("the catalog's statement names %s", o.e.written(m.names))
		}
	}
	return nil
}

// checkArgs refuses arguments that are another tenant's: its id, or its canary. No value that
// the operations write or ask for is a tenant's id.
func (o *oracle) checkArgs(s *driver.Statement) error {
	for _, a := range s.Args {
		text, ok := a.Value.(string)
		if !ok || text == s.Tenant || text == canary(s.Tenant) {
			continue
		}
		if o.knows(text) || strings.HasPrefix(text, canaryMark) {
			return fmt.Errorf("an argument is %q, another tenant's", text)
		}
	}
	return nil
}

// mention is a table that a statement names.
type mention struct {
	at    int      // of the word before it
	names []string // schema and table
	alias string
	after int // of the token that follows
}

// mentioned returns the tables after FROM, JOIN, INTO and UPDATE.
func mentioned(tokens []token) (list []mention, err error) {
	for i, t := range tokens {
		if t.kind != 'w' || !slices.Contains([]string{"FROM", "JOIN", "INTO", "UPDATE"}, t.text) {
			continue
		}
		if t.text == "UPDATE" && i > 0 {
			continue // FOR UPDATE, DO UPDATE, ON DUPLICATE KEY UPDATE
		}
		if i+1 < len(tokens) && tokens[i+1].kind == '(' {
			continue // what is inside has a FROM of its own
		}
		m := mention{at: i, after: i + 1}
		for m.after < len(tokens) && tokens[m.after].kind == 'q' {
			m.names = append(m.names, tokens[m.after].text)
			if m.after++; m.after >= len(tokens) || tokens[m.after].kind != '.' {
				break
			}
			m.after++
		}
		if len(m.names) != 2 {
			return nil, fmt.Errorf("a table after %s is not named in full: %q", t.text, m.names)
		}
		m.alias = m.names[1]
		if m.after+1 < len(tokens) && tokens[m.after].text == "AS" {
			m.alias = tokens[m.after+1].text
			m.after += 2
		}
		list = append(list, m)
	}
	return list, nil
}

func (e *engine) written(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = e.quoted(n)
	}
	return strings.Join(quoted, ".")
}

// checkTable accepts a table of the tenant's, under its logical name, behind its wall.
func (o *oracle) checkTable(at *place, tokens []token, m mention, s *driver.Statement) error {
	name, logical := o.e.written(m.names), ""
	for l, full := range at.tables {
		if full == name {
			logical = l
		}
	}
	switch {
	case logical == "":
		return fmt.Errorf("%s is not among the tenant's tables %v", name, at.tables)
	case tokens[m.at].text != "INTO" && m.alias != logical:
		return fmt.Errorf("%s goes by the name %q", name, m.alias)
	case !at.walled:
		if slices.ContainsFunc(tokens, func(t token) bool { return t.kind == 'q' && t.text == wall }) {
			return errors.New("a discriminator, where no table is shared")
		}
		return nil
	case tokens[m.at].text == "INTO":
		return checkInserted(tokens, m, s)
	}
	return checkWalled(tokens, m, s)
}

// checkInserted looks for the discriminator first among the columns, and for the tenant first in
// every row.
func checkInserted(tokens []token, m mention, s *driver.Statement) error {
	if m.after+1 >= len(tokens) || tokens[m.after].kind != '(' || tokens[m.after+1].text != wall {
		return errors.New("the discriminator is not the first column")
	}
	rows := 0
	for i := m.after + 1; i < len(tokens) && rows == 0; i++ {
		if tokens[i].kind != 'w' || tokens[i].depth != 0 {
			continue
		}
		if tokens[i].text == "SELECT" {
			return isTenant(tokens[i+1], s)
		}
		for j := i + 1; tokens[i].text == "VALUES" && j+1 < len(tokens) && tokens[j].kind == '('; j++ {
			if err := isTenant(tokens[j+1], s); err != nil {
				return err
			}
			rows++
			if j = closing(tokens, j) + 1; j >= len(tokens) || tokens[j].kind != ',' {
				break
			}
		}
	}
	if rows == 0 {
		return errors.New("no row has the tenant in it")
	}
	return nil
}

func closing(tokens []token, open int) int {
	for i := open + 1; i < len(tokens); i++ {
		if tokens[i].kind == ')' && tokens[i].depth == tokens[open].depth {
			return i
		}
	}
	return len(tokens)
}

// checkWalled looks for the discriminator's comparison with the tenant first in the condition
// that belongs to a table, and for no OR beside it.
func checkWalled(tokens []token, m mention, s *driver.Statement) error {
	depth := tokens[m.at].depth
	i := m.after
	for i < len(tokens) && !(tokens[i].text == "WHERE" && tokens[i].kind == 'w' && tokens[i].depth == depth) {
		if tokens[i].kind == ')' && tokens[i].depth < depth {
			i = len(tokens)
		}
		i++
	}
	i++
	if i+1 < len(tokens) && tokens[i].text == m.alias && tokens[i+1].kind == '.' {
		i += 2
	}
	if i+2 >= len(tokens) || tokens[i].text != wall || tokens[i+1].kind != '=' {
		return errors.New("the discriminator is not compared first")
	}
	if err := isTenant(tokens[i+2], s); err != nil {
		return err
	}
	if next := i + 3; next < len(tokens) && tokens[next].kind != ')' &&
		!slices.Contains([]string{"AND", "ORDER", "LIMIT", "FOR", "RETURNING"}, tokens[next].text) {
		return fmt.Errorf("the discriminator's comparison goes on with %s", tokens[next].text)
	}
	for _, t := range tokens[i:] {
		if t.kind == ')' && t.depth < depth {
			break
		}
		if t.kind == 'w' && t.text == "OR" && t.depth == depth {
			return errors.New("an OR stands beside the discriminator")
		}
	}
	return nil
}

func isTenant(t token, s *driver.Statement) error {
	if t.kind != 'p' || t.number >= len(s.Args) {
		return fmt.Errorf("the discriminator is %q and no argument", t.text)
	}
	if v := s.Args[t.number].Value; v != any(s.Tenant) {
		return fmt.Errorf("the discriminator is %v", v)
	}
	return nil
}

// checkAliases refuses names in front of a dot that are neither an alias nor part of a table's
// name: they would be tables that no FROM names.
func checkAliases(tokens []token, mentions []mention) error {
	known := []string{"top", "new"}
	for _, m := range mentions {
		known = append(known, m.alias)
	}
	for i := 0; i+1 < len(tokens); i++ {
		if tokens[i].kind != 'q' || tokens[i+1].kind != '.' || slices.ContainsFunc(mentions, func(m mention) bool { return m.at < i && i < m.after }) {
			continue
		}
		if !slices.Contains(known, tokens[i].text) {
			return fmt.Errorf("%q is no name for any table here", tokens[i].text)
		}
	}
	return nil
}
