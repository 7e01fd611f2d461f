package rowhouse

import (
	"errors"
	"sync"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/internal/model"
	"github.com/rowhouse/rowhouse/internal/rawsql"
)

// rawText is a text of raw SQL, taken apart. It is immutable and shared by all tenants.
type rawText struct{ *rawsql.Text }

// rawTexts takes texts apart and keeps those that it has seen: an application has a few, and runs
// them often. It is used by many goroutines at once.
type rawTexts struct {
	syntax rawsql.Syntax
	known  rawsql.Known
	models map[string]*model.Struct // by slot
	err    error                    // why there is no raw SQL here, or nil

	mu   sync.RWMutex
	seen map[string]*rawText
}

// The most texts that are kept, and the longest: texts that are put together anew each time must not
// fill the memory.
const (
	maxTexts    = 512
	maxTextSize = 16 << 10
)

func newRawTexts(models []AnyModel, d dialect.Dialect) *rawTexts {
	t := &rawTexts{models: map[string]*model.Struct{}, seen: map[string]*rawText{}}
	var known bool
	if t.syntax, known = rawsql.SyntaxOf(d.Name()); !known {
		t.err = &StatementError{Reason: ErrUnsupported, message: "raw SQL in the dialect of " + d.Name() + " is not understood"}
	}
	t.known.Catalog = ownPrefix
	for _, m := range models {
		t.models[m.Name()] = m.compiled()
		t.known.Models = append(t.known.Models, m.Name())
	}
	return t
}

// parse takes a text apart, or says what is wrong with it.
func (t *rawTexts) parse(sql string) (*rawText, error) {
	if t.err != nil {
		return nil, t.err
	}
	t.mu.RLock()
	text := t.seen[sql]
	t.mu.RUnlock()
	if text != nil {
		return text, nil
	}
	parsed, err := rawsql.Parse(t.syntax, sql, t.known)
	if err != nil {
		if why, ok := errors.AsType[*rawsql.Error](err); ok {
			return nil, invalid("%v", why)
		}
		return nil, err
	}
	text = &rawText{parsed}
	if len(sql) <= maxTextSize {
		t.keep(sql, text)
	}
	return text, nil
}

func (t *rawTexts) keep(sql string, text *rawText) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.seen) >= maxTexts {
		for other := range t.seen { // whichever comes first
			delete(t.seen, other)
			break
		}
	}
	t.seen[sql] = text
}

// checkLists refuses a list that stands where an engine without arrays takes one value.
func (t *rawText) checkLists(values []dialect.Arg, engine string) error {
	for _, p := range t.Parts {
		if p.Kind == rawsql.Arg && values[p.Arg].Array {
			return invalid("argument %s is a list, which %s takes only alone in IN (%s)",
				t.mark(t.Args[p.Arg]), engine, t.mark(t.Args[p.Arg]))
		}
	}
	return nil
}

// rawParts fills in the session's tables.
func (s *session) rawParts(t *rawText) ([]dialect.RawPart, error) {
	parts := make([]dialect.RawPart, len(t.Parts))
	for i, p := range t.Parts {
		switch p.Kind {
		case rawsql.SQL:
			parts[i] = dialect.Words(p.Text)
			continue
		case rawsql.Arg:
			parts[i] = dialect.Placed(p.Arg)
			continue
		case rawsql.List:
			parts[i] = dialect.PlacedList{Arg: p.Arg, Not: p.Not}
			continue
		}
		m, err := s.rawTable(p.Text, p.Kind == rawsql.Target)
		if err != nil {
			return nil, err
		}
		switch p.Kind {
		case rawsql.Source:
			parts[i] = dialect.Source{Table: m.ref, Columns: m.rawColumns(), Aliased: !p.Alias}
		case rawsql.Target:
			parts[i] = dialect.Target{Table: m.ref, Aliased: !p.Alias, Into: p.Into}
		case rawsql.Bare:
			parts[i] = dialect.Bare(m.ref)
		default:
			parts[i] = dialect.Alias(m.ref.Name)
		}
	}
	return parts, nil
}
