package rowhouse

import (
	"context"
	"iter"
	"slices"
	"strconv"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/internal/model"
)

// Named are arguments by name, for [Raw] and [Exec]: @status in the text is the argument "status".
type Named map[string]any

// RawQuery is a query in the application's own SQL, in one scope, whose rows are read into R. It is
// made by [Raw]. It is a value, which can be kept, shared between goroutines and run many times.
type RawQuery[R any] struct {
	scope Scope
	text  string
	args  []any
	into  *model.Struct // of RawRecords; nil where R says it
}

// Raw makes a query of SQL that the application wrote, for what a [Query] cannot say:
//
//	type count struct {
//		Title string
//		N     int
//	}
//	rows, err := rowhouse.Raw[count](acme, `
//		SELECT c.title, count(*) AS n FROM {case} c JOIN {comment} m ON m.case_id = c.id
//		WHERE c.status = @status GROUP BY c.title`, rowhouse.Named{"status": "open"}).All(ctx)
//
// A table is a slot, {case}: the name of a model, in whose place the tenant's own table is put. Where
// tables are shared it is a query of the tenant's rows alone, which nothing in the text can widen.
// Every table must be a slot, a common table expression, a query in parentheses or a function; any
// other name is refused, and so are several statements, statements that change a session or a
// transaction, and functions that run text as SQL or reach beyond the tenant. A view or a function of
// the application's own, though, may read whatever it likes. Without an alias of its own, a table's
// alias is its slot's name, and {case}.title is its column. Rows that are softly deleted are there as
// well.
//
// Arguments are $1, $2, … on every engine, or @name with one [Named]; each must be used. They are
// values of every type that a column can have. In IN ($1), alone, the argument may be a slice, also an
// empty one. On PostgreSQL a slice is an array elsewhere; a text there is of whatever type stands
// beside it, and where that does not tell, $1::text does.
//
// R is a struct, whose fields are columns by the rules of a model's, or a single value: a string, an
// int64, a *time.Time. Every column of the result needs a field of its name, and every field a column.
//
// A text that changes rows gives rows with RETURNING, where the engine has it; without, it is for
// [Exec]. Its errors are [*StatementError]s; what is wrong with R is a [*DefinitionError].
func Raw[R any](scope Scope, text string, args ...any) RawQuery[R] {
	return RawQuery[R]{scope: scope, text: text, args: slices.Clone(args)}
}

// RawRecords is [Raw] for rows whose columns are known only when the program runs. They are read into
// Records of m, which need not be among the models of the DB: its columns say what the result's of the
// same names are. Those that the result does not have keep their zero values.
func RawRecords(scope Scope, m *Model[Record], text string, args ...any) RawQuery[Record] {
	q := Raw[Record](scope, text, args...)
	q.into = m.s
	return q
}

// All returns the rows.
func (q RawQuery[R]) All(ctx context.Context) ([]R, error) {
	var all []R
	err := q.stream(ctx, func(row *R) bool {
		all = append(all, *row)
		return true
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// First returns the first row, or [ErrNotFound]. Which one is first is for the text to say, and how
// many the database looks for: it is run as it is.
func (q RawQuery[R]) First(ctx context.Context) (R, error) { return q.atMost(ctx, 1) }

// One returns the one row that there is. None is [ErrNotFound], more than one is [ErrMultiple].
func (q RawQuery[R]) One(ctx context.Context) (R, error) { return q.atMost(ctx, 2) }

// atMost reads so many rows and returns the only one.
func (q RawQuery[R]) atMost(ctx context.Context, most int) (row R, err error) {
	n := 0
	err = q.stream(ctx, func(r *R) bool {
		if n++; n == 1 {
			row = *r
		}
		return n < most
	})
	switch {
	case err != nil:
	case n == 0:
		err = q.fail(ErrNotFound)
	case n > 1:
		err = q.fail(ErrMultiple)
	default:
		return row, nil
	}
	var zero R
	return zero, err
}

func (q RawQuery[R]) fail(reason error) error {
	return &StatementError{Op: "raw", Tenant: q.scope.Tenant(), Reason: reason}
}

// Each yields the rows one by one, as they come from the database, as [Query.Each] does.
func (q RawQuery[R]) Each(ctx context.Context) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		stopped := false
		err := q.stream(ctx, func(row *R) bool {
			stopped = !yield(*row, nil)
			return !stopped
		})
		if err != nil && !stopped {
			var zero R
			yield(zero, err)
		}
	}
}

// stream runs the query and calls fn with each row until it returns false. The row is fn's only
// until it returns.
func (q RawQuery[R]) stream(ctx context.Context, fn func(*R) bool) error {
	of, err := q.into, error(nil)
	if of == nil {
		of, err = resultOf[R]()
	}
	if err != nil {
		return err
	}
	s, err := openRaw(ctx, q.scope, "raw")
	if err != nil {
		return err
	}
	return s.within(ctx, func() error {
		text, err := s.db.texts.parse(q.text)
		switch {
		case err != nil:
			return err
		case !text.Returns:
			return invalid("the statement gives no rows; run it by Exec, or have it give some by RETURNING")
		}
		t, err := s.raw(text, q.args)
		if err != nil {
			return err
		}
		rows, err := s.query(ctx, t, source{}, nil, text.Writes)
		if err != nil {
			return err
		}
		return drainResult(rows, of, q.into != nil, fn)
	})
}

// Exec runs SQL that the application wrote and that changes rows, and returns their number, counted as
// the engine does. The text is one as for [Raw]. In shared tables it is refused, with [ErrUnsupported]:
// no text could be trusted to keep to the rows of one tenant.
func Exec(ctx context.Context, scope Scope, text string, args ...any) (rows int64, err error) {
	s, err := openRaw(ctx, scope, "exec")
	if err != nil {
		return 0, err
	}
	err = s.within(ctx, func() error {
		parsed, err := s.db.texts.parse(text)
		switch {
		case err != nil:
			return err
		case !parsed.Writes:
			return invalid("the statement changes nothing; run it by Raw, which reads what it gives")
		}
		t, err := s.raw(parsed, args)
		if err != nil {
			return err
		}
		r, err := s.exec(ctx, t, source{})
		rows = r.Rows
		return err
	})
	return rows, err
}

// openRaw begins an operation that is on no one model.
func openRaw(ctx context.Context, scope Scope, op string) (session, error) {
	s := session{op: op}
	if scope == nil {
		return s, &TenantError{Reason: ErrUnknownTenant, advice: "the scope is nil"}
	}
	if err := scope.begin(ctx, &s); err != nil {
		return s, named(err, op, scope.Tenant(), "")
	}
	return s, nil
}

// raw makes a statement of a text for the session's tenant.
func (s *session) raw(text *rawText, args []any) (*dialect.Template, error) {
	values, err := text.bind(args)
	if err != nil {
		return nil, err
	}
	if !s.db.d.Has(dialect.Arrays) {
		if err := text.checkLists(values, s.db.d.Name()); err != nil {
			return nil, err
		}
	}
	parts, err := s.rawParts(text)
	if err != nil {
		return nil, err
	}
	set := dialect.Setting{Home: s.db.HomeNames(), Shapes: s.house.shapes()}
	if s.house.walled {
		set.Wall = s.db.o.Discriminator
	}
	return dialect.Render(s.db.d, set, &dialect.Raw{Parts: parts, Args: values})
}

// rawTable is a slot's mapping where the session is. A tenant reads the common tables as well; in the
// common house there are no others.
func (s *session) rawTable(name string, write bool) (*mapping, error) {
	of := s.db.texts.models[name]
	if !of.Table.Common || write {
		if err := s.checkHouse(&of.Table); err != nil {
			return nil, err
		}
	}
	if write && s.house.walled {
		return nil, &StatementError{
			Reason: ErrUnsupported, message: "raw SQL cannot write {" + name + "}, which is in shared tables: no text could be " +
				"trusted to keep to one tenant's rows; use Insert, UpdateWhere and DeleteWhere of the model's Table",
		}
	}
	return s.db.mappingOf(of, s.house)
}

// bind returns the arguments in the order in which the text has them.
func (t *rawText) bind(args []any) ([]dialect.Arg, error) {
	byName, err := t.argNames(args)
	if err != nil {
		return nil, err
	}
	values := make([]dialect.Arg, len(t.Args))
	for i, name := range t.Args {
		v, given := byName(name)
		if !given {
			return nil, invalid("the text has an argument %s that was not given", t.mark(name))
		}
		if values[i], err = model.ArgOfAny(v); err != nil {
			return nil, invalid("argument %s: %v", t.mark(name), err)
		}
	}
	return values, nil
}

func (t *rawText) mark(name string) string {
	if t.Named {
		return "@" + name
	}
	return "$" + name
}

// argNames returns how an argument is found by its name or its number, and refuses those that the
// text does not have: they are mistaken for something.
func (t *rawText) argNames(args []any) (func(string) (any, bool), error) {
	named, is := Named(nil), false
	if len(args) == 1 {
		named, is = args[0].(Named)
	}
	if is {
		for name := range named {
			if !t.Named || !slices.Contains(t.Args, name) {
				return nil, invalid("argument %q was given, and the text has no @%s", name, name)
			}
		}
		return func(name string) (any, bool) { v, given := named[name]; return v, given }, nil
	}
	if t.Named && len(args) > 0 {
		return nil, invalid("the text has named arguments, @%s; give them as one Named", t.Args[0])
	}
	used := make([]bool, len(args)+1)
	for _, name := range t.Args {
		if n, err := strconv.Atoi(name); err == nil && n > 0 && n <= len(args) {
			used[n] = true
		}
	}
	for i := range args {
		if !used[i+1] {
			return nil, invalid("%d arguments were given, and the text has no $%d", len(args), i+1)
		}
	}
	return func(name string) (any, bool) {
		n, err := strconv.Atoi(name)
		if t.Named || err != nil || n < 1 || n > len(args) {
			return nil, false
		}
		return args[n-1], true
	}, nil
}
