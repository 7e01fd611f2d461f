package rowhouse

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/dialect/sqlite"
)

type letter struct {
	ID     int64               `db:"id,pk,auto"`
	Title  string              `db:"title"`
	Pages  int                 `db:"pages"`
	Size   uint64              `db:"size"`
	Weight float64             `db:"weight"`
	Sender *string             `db:"sender"`
	SentAt sql.Null[time.Time] `db:"sent_at"`
	Body   []byte              `db:"body,null"`
	Price  string              `db:"price,type:decimal"`
}

var (
	letters      = MustDefine[letter]("letter")
	drafts       = MustDefine[letter]("draft")
	letterTitle  = Col(letters, func(l *letter) *string { return &l.Title })
	letterPages  = Col(letters, func(l *letter) *int { return &l.Pages })
	letterSize   = Col(letters, func(l *letter) *uint64 { return &l.Size })
	letterWeight = Col(letters, func(l *letter) *float64 { return &l.Weight })
	letterSender = Nullable(letters, func(l *letter) **string { return &l.Sender })
	senderAsIs   = Col(letters, func(l *letter) **string { return &l.Sender })
	letterSentAt = Col(letters, func(l *letter) *sql.Null[time.Time] { return &l.SentAt })
	letterBody   = Col(letters, func(l *letter) *[]byte { return &l.Body })
	letterPrice  = Col(letters, func(l *letter) *string { return &l.Price })
	draftTitle   = Col(drafts, func(l *letter) *string { return &l.Title })
	noColumn     Column[letter, string]
	noNumber     Column[letter, int]
)

// written is an expression as SQLite's dialect writes it, with its arguments.
func written(t *testing.T, e dialect.Expr) (text string, args []any) {
	t.Helper()
	template, err := dialect.Render(sqlite.Dialect{}, dialect.Setting{}, &dialect.Select{
		From: dialect.TableRef{Name: "letter"}, Columns: []dialect.Expr{dialect.One{}}, Where: e, Limit: -1,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range template.Args {
		args = append(args, a.Value)
	}
	_, text, _ = strings.Cut(template.Fill(sqlite.Dialect{}, dialect.Names{}), " WHERE ")
	return strings.ReplaceAll(text, `"letter".`, ""), args
}

var (
	sentAt = time.Date(2024, 5, 1, 14, 0, 0, 123_456_789, time.FixedZone("", 7200))
	sent   = sql.Null[time.Time]{V: sentAt, Valid: true}
	nobody = (*string)(nil)
	me     = "me"
)

var predicateCases = []struct {
	name string
	p    Predicate[letter]
	want string
	args []any
}{
	{"Eq", letterTitle.Eq("x"), `"title" = ?`, []any{"x"}},
	{"Ne", letterTitle.Ne("x"), `"title" <> ?`, []any{"x"}},
	{"Lt", letterPages.Lt(3), `"pages" < ?`, []any{int64(3)}},
	{"Le", letterPages.Le(3), `"pages" <= ?`, []any{int64(3)}},
	{"Gt", letterWeight.Gt(0.5), `"weight" > ?`, []any{0.5}},
	{"Ge", letterWeight.Ge(0.5), `"weight" >= ?`, []any{0.5}},
	{"Eq nil", senderAsIs.Eq(nobody), `"sender" IS NULL`, nil},
	{"Ne nil", senderAsIs.Ne(nobody), `"sender" IS NOT NULL`, nil},
	{"Eq pointer", senderAsIs.Eq(&me), `"sender" = ?`, []any{"me"}},
	{"Lt nil matches nothing", senderAsIs.Lt(nobody), `"sender" < ?`, []any{nil}},
	{"Nullable", letterSender.Eq("me"), `"sender" = ?`, []any{"me"}},
	{"sql.Null", letterSentAt.Eq(sent), `"sent_at" = ?`, []any{time.Date(2024, 5, 1, 12, 0, 0, 123_456_000, time.UTC)}},
	{"sql.Null that is NULL", letterSentAt.Ne(sql.Null[time.Time]{}), `"sent_at" IS NOT NULL`, nil},
	{"bytes", letterBody.Eq([]byte{1}), `"body" = ?`, []any{[]byte{1}}},
	{"nil bytes", letterBody.Eq(nil), `"body" IS NULL`, nil},
	{"IsNull", letterSender.IsNull(), `"sender" IS NULL`, nil},
	{"IsNotNull", letterSender.IsNotNull(), `"sender" IS NOT NULL`, nil},
	{"In", letterPages.In(1, 2), `"pages" IN (?, ?)`, []any{int64(1), int64(2)}},
	{"In of none", letterPages.In(), `1 = 0`, nil},
	{"In leaves NULL out", senderAsIs.In(nobody, &me), `"sender" IN (?)`, []any{"me"}},
	{"In of NULL alone", senderAsIs.In(nobody), `1 = 0`, nil},
	{"Between", letterPages.Between(1, 5), `"pages" BETWEEN ? AND ?`, []any{int64(1), int64(5)}},
	{"Like", letterTitle.Like(`a\_%`), `"title" GLOB ?`, []any{"a_*"}},
	{"HasPrefix", letterTitle.HasPrefix(`5%_\`), `"title" GLOB ?`, []any{`5%_\*`}},
	{"HasSuffix", letterTitle.HasSuffix(`*`), `"title" GLOB ?`, []any{`*[*]`}},
	{"Contains", letterTitle.Contains(`%`), `"title" GLOB ?`, []any{`*%*`}},
	{"Contains nothing", letterTitle.Contains(``), `"title" GLOB ?`, []any{`**`}},
	{"Every", Every[letter](), `1 = 1`, nil},
	{"And", And(letterTitle.Eq("x"), letterPages.Gt(1)), `("title" = ? AND "pages" > ?)`, []any{"x", int64(1)}},
	{"Or", Or(letterTitle.Eq("x"), letterPages.Gt(1)), `("title" = ? OR "pages" > ?)`, []any{"x", int64(1)}},
	{"Or of none", Or[letter](), `1 = 0`, nil},
	{"Not", Not(letterTitle.Eq("x")), `NOT ("title" = ?)`, []any{"x"}},
	{"Not twice", Not(Not(letterTitle.Eq("x"))), `NOT (NOT ("title" = ?))`, []any{"x"}},
	{"Every and one", And(Every[letter](), letterTitle.Eq("x")), `(1 = 1 AND "title" = ?)`, []any{"x"}},
	{
		"nested", Or(And(letterTitle.Eq("x"), letterPages.Gt(1)), Not(letterSender.IsNull())),
		`(("title" = ? AND "pages" > ?) OR NOT ("sender" IS NULL))`,
		[]any{"x", int64(1)},
	},
}

func TestPredicates(t *testing.T) {
	t.Parallel()
	for _, c := range predicateCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if err := c.p.o.get().checkRow(letters.s); err != nil {
				t.Fatal(err)
			}
			if text, args := written(t, c.p.o.get().expr); text != c.want || !reflect.DeepEqual(args, c.args) {
				t.Errorf("%s %#v\nwant %s %#v", text, args, c.want, c.args)
			}
		})
	}
}

// TestPredicateMisuse: what makes no sense is an ErrInvalid when it is used, and says why. It is
// never a condition that is left out.
func TestPredicateMisuse(t *testing.T) {
	t.Parallel()
	var none Predicate[letter]
	good := letterTitle.Eq("x")
	for _, c := range []struct {
		name string
		p    Predicate[letter]
		want []string
	}{
		{"the zero Predicate", none, []string{"a predicate is empty"}},
		{"Not of it", Not(none), []string{"a predicate is empty"}},
		{"And with it", And(good, none), []string{"a predicate is empty"}},
		{"Or with it", Or(none, good), []string{"a predicate is empty"}},
		{"nested", Not(And(good, Or(none))), []string{"a predicate is empty"}},
		{"another model's column", draftTitle.Eq("x"), []string{`on model "draft"`, `on model "letter"`}},
		{"Not of another model's", Not(draftTitle.Eq("x")), []string{`on model "draft"`}},
		{"And of another model's", And(Every[letter](), draftTitle.Eq("x")), []string{`on model "draft"`}},
		{"mixed models", And(good, draftTitle.Eq("x")), []string{"two models"}},
		{"mixed models, deeper", Or(good, Not(And(draftTitle.IsNull()))), []string{"two models"}},
		{"Like on a number", letterPages.Like("1%"), []string{"column pages is int64", "Like is for text"}},
		{"Contains on a decimal", letterPrice.Contains("1"), []string{"column price is decimal"}},
		{"HasPrefix on bytes", letterBody.HasPrefix("x"), []string{"column body is bytes"}},
		{"a value that has no place", letterSize.Eq(math.MaxUint64), []string{"column size", "unsigned integer"}},
		{"one among several", letterSize.In(1, math.MaxUint64), []string{"column size", "unsigned integer"}},
		{"as a bound", letterSize.Between(1, math.MaxUint64), []string{"column size", "unsigned integer"}},
		{"as both bounds", letterSize.Between(math.MaxUint64, math.MaxUint64), []string{"unsigned integer"}},
		{"Not of an error", Not(letterSize.Eq(math.MaxUint64)), []string{"unsigned integer"}},
		{"two errors", And(letterSize.Eq(math.MaxUint64), letterBody.Like("x")), []string{"unsigned integer", "Like is for text"}},
		{"a column that was not made: Eq", noColumn.Eq("x"), []string{"was not made by Col"}},
		{"In", noColumn.In("x"), []string{"was not made by Col"}},
		{"Between", noColumn.Between("a", "b"), []string{"was not made by Col"}},
		{"Like", noColumn.Like("x"), []string{"was not made by Col"}},
		{"Contains", noColumn.Contains("x"), []string{"was not made by Col"}},
		{"IsNull", noColumn.IsNull(), []string{"was not made by Col"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := c.p.o.get().checkRow(letters.s)
			if !errors.Is(err, ErrInvalid) {
				t.Fatalf("the error is %v", err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
		})
	}
}

// TestQueryMisuse: a query keeps what was wrong with its making until it is run.
func TestQueryMisuse(t *testing.T) {
	t.Parallel()
	q := letters.In(nil).Where(letterTitle.Eq("x"))
	for _, c := range []struct {
		name string
		q    Query[letter]
		want string
	}{
		{"an empty predicate", q.Where(Predicate[letter]{}), "a predicate is empty"},
		{"another model's predicate", q.Where(draftTitle.Eq("x")), `on model "draft"`},
		{"another model's order", q.OrderBy(draftTitle.Asc()), "an Order of another model"},
		{"no column's order", q.OrderBy(noColumn.Desc().NullsFirst()), "not made by Col"},
		{"limit", q.Limit(-1), "Limit(-1)"},
		{"offset", q.Offset(-2), "Offset(-2)"},
	} {
		if err := c.q.err; !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if q.err != nil || len(q.where) != 1 {
		t.Errorf("the query that they were made from changed: %+v", q)
	}
}

func TestOrders(t *testing.T) {
	t.Parallel()
	title, sender := dialect.Ref{Table: "letter", Column: "title"}, dialect.Ref{Table: "letter", Column: "sender"}
	for _, c := range []struct {
		name string
		o    Order[letter]
		want dialect.Order
	}{
		{"Asc", letterTitle.Asc(), dialect.Order{By: title}},
		{"Desc", letterTitle.Desc(), dialect.Order{By: title, Desc: true}},
		{"nullable", letterSender.Asc(), dialect.Order{By: sender, Nullable: true}},
		{"NullsFirst", letterSender.Asc().NullsFirst(), dialect.Order{By: sender, Nullable: true, Nulls: dialect.NullsFirst}},
		{"NullsLast", letterSender.Desc().NullsLast(), dialect.Order{By: sender, Nullable: true, Desc: true, Nulls: dialect.NullsLast}},
		{"the last counts", letterSender.Asc().NullsFirst().NullsLast(), dialect.Order{By: sender, Nullable: true, Nulls: dialect.NullsLast}},
	} {
		if got := c.o.by.term(); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestAssignments(t *testing.T) {
	t.Parallel()
	text := func(v any) dialect.Arg { return dialect.Arg{Value: v, Kind: dialect.Text} }
	pages := dialect.Compare{
		Left: dialect.Ref{Table: "letter", Column: "pages"}, Op: "+", Right: dialect.Arg{Value: int64(-2), Kind: dialect.Int64},
	}
	table := letters.In(nil)
	for _, c := range []struct {
		name string
		a    Assignment[letter]
		want dialect.Assign
		err  string
	}{
		{"Set", letterTitle.Set("x"), dialect.Assign{Column: "title", Value: text("x")}, ""},
		{"Set nil", senderAsIs.Set(nil), dialect.Assign{Column: "sender", Value: text(nil)}, ""},
		{"Set of what a pointer points to", letterSender.Set("me"), dialect.Assign{Column: "sender", Value: text("me")}, ""},
		{"SetNull", letterSender.SetNull(), dialect.Assign{Column: "sender", Value: text(nil)}, ""},
		{"Add", letterPages.Add(-2), dialect.Assign{Column: "pages", Value: pages}, ""},
		{"Add to text", letterTitle.Add("x"), dialect.Assign{}, "column title is text; Add is for numbers"},
		{"Add what has no place", letterSize.Add(math.MaxUint64), dialect.Assign{}, "unsigned integer"},
		{"Set what has no place", letterSize.Set(math.MaxUint64), dialect.Assign{}, "unsigned integer"},
		{"another model's column", draftTitle.Set("x"), dialect.Assign{}, "an Assignment of another model"},
		{"no column", noColumn.Set("x"), dialect.Assign{}, "an Assignment of another model"},
		{"no column, NULL", noColumn.SetNull(), dialect.Assign{}, "an Assignment of another model"},
		{"no column, Add", noNumber.Add(1), dialect.Assign{}, "Add is for numbers"},
		{"the key", Col(letters, func(l *letter) *int64 { return &l.ID }).Set(1), dialect.Assign{}, "column id cannot be set"},
	} {
		got, err := assignments(table.model.s, []assignment{*c.a.a})
		if c.err != "" {
			if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: %+v, %v", c.name, got, err)
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(got, []dialect.Assign{c.want}) {
			t.Errorf("%s: %+v, %v; want %+v", c.name, got, err, c.want)
		}
	}
	if _, err := assignments(table.model.s, nil); !errors.Is(err, ErrInvalid) {
		t.Errorf("nothing to set: %v", err)
	}
}

// TestCheckModels: mistakes between models are reported together.
func TestCheckModels(t *testing.T) {
	t.Parallel()
	type order struct {
		Region string `db:"region,pk"`
		Number int64  `db:"number,pk,index:shared_name"`
		Code   string `db:"code,unique"`
		Part   string `db:"part,unique,where:'number > 0'"`
	}
	type line struct {
		ID     int64  `db:"id,pk"`
		Gone   int64  `db:"gone,ref:gone.id"`
		Column int64  `db:"column,ref:order.none"`
		Kind   int64  `db:"kind,ref:order.code"`
		NoKey  int64  `db:"no_key,ref:order.number"`
		Part   string `db:"part,ref:order.part,index:SHARED_NAME"`
		Region string `db:"region,ref:order.region,fk:whole"`
		Number int64  `db:"number,ref:order.number,fk:whole"`
		Code   string `db:"code,ref:order.code"`
	}
	letterOrder := MustDefine[letter]("Order")
	err := checkModels(Models(MustDefine[order]("order"), MustDefine[line]("line"), letterOrder), sqlite.Dialect{})
	want := []string{
		`the name "SHARED_NAME" is used by model "order" too`,
		`the name "Order" is used by model "order" too`,
		`the name "Order_pkey" is used by model "order" too`,
		`foreign key "line_gone_fkey" refers to model "gone", which is not among`,
		`foreign key "line_column_fkey" refers to order.none, which does not exist`,
		`foreign key "line_kind_fkey": column kind is int64, but order.code is text`,
		`foreign key "line_no_key_fkey" refers to columns of order that are no primary or unique key`,
		`foreign key "line_part_fkey" refers to columns of order that are no primary or unique key`,
	}
	for _, w := range want {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("not reported: %s", w)
		}
	}
	if n := strings.Count(fmt.Sprint(err), "\n") + 1; n != len(want) {
		t.Errorf("%d mistakes, want %d:\n%v", n, len(want), err)
	}
	if err := checkModels(Models(letters, drafts), sqlite.Dialect{}); err != nil {
		t.Errorf("good models: %v", err)
	}
}
