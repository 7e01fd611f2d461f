package rawsql

// Text is SQL taken apart. It is immutable.
type Text struct {
	Parts   []Part
	Args    []string // names of the arguments, or their numbers as text, in the order in which they first stand
	Named   bool     // Args are names
	Writes  bool     // changes rows
	Returns bool     // gives rows
}

// PartKind is what a part of a text is.
type PartKind uint8

// The kinds of part.
const (
	SQL       PartKind = iota + 1 // text as it is
	Source                        // a table that is read
	Target                        // a table that is written
	Qualifier                     // a table's alias, before a dot
	Bare                          // the name of a target that can have no alias, before a dot
	Arg                           // an argument
	List                          // [NOT] IN (argument): a list, or one value
)

// Part is a piece of a text.
type Part struct {
	Kind  PartKind
	Text  string // the SQL, or the slot's name
	Arg   int    // position in Text.Args
	Not   bool   // of a List
	Alias bool   // a table has no alias in the text and is to be given its own name
	Into  bool   // a target whose alias is the dialect's to write, where it has one
}

// output collects the parts of a text.
type output struct {
	text Text
	sql  []byte
	args map[string]int
}

func (o *output) write(s string) { o.sql = append(o.sql, s...) }

func (o *output) part(p Part) {
	if len(o.sql) > 0 {
		o.text.Parts = append(o.text.Parts, Part{Kind: SQL, Text: string(o.sql)})
		o.sql = o.sql[:0]
	}
	if p.Kind != 0 {
		o.text.Parts = append(o.text.Parts, p)
	}
}

// arg returns an argument's position.
func (o *output) arg(name string) int {
	at, known := o.args[name]
	if !known {
		at = len(o.text.Args)
		o.args[name] = at
		o.text.Args = append(o.text.Args, name)
	}
	return at
}

// finish marks the qualifiers of targets that can have no alias, as INSERT and DELETE have it on MySQL.
func (o *output) finish(s Syntax) *Text {
	o.part(Part{})
	if !s.mysqlish() {
		return &o.text
	}
	sources, targets := map[string]bool{}, map[string]bool{}
	for _, p := range o.text.Parts {
		sources[p.Text] = sources[p.Text] || p.Kind == Source || p.Kind == Target && !p.Into
		targets[p.Text] = targets[p.Text] || p.Kind == Target && p.Into && p.Alias
	}
	for i, p := range o.text.Parts {
		if p.Kind == Qualifier && targets[p.Text] && !sources[p.Text] {
			o.text.Parts[i].Kind = Bare
		}
	}
	return &o.text
}
