package rowhouse_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/rowhouse/rowhouse"
)

// catchPanic returns what fn panics with, or nil.
func catchPanic(fn func()) (with any) {
	defer func() { with = recover() }()
	fn()
	return nil
}

type mistaken struct {
	ID    int64    `db:"id,pk,auto,size:5"`
	Title string   `db:"title,sise:200"`
	Tags  []string `db:"tags"`
}

// definitionErrors are all that an error holds.
func definitionErrors(err error) (all []*rowhouse.DefinitionError) {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil
	}
	for _, e := range joined.Unwrap() {
		if d, ok := errors.AsType[*rowhouse.DefinitionError](e); ok {
			all = append(all, d)
		}
	}
	return all
}

// TestDefineReportsAll: every mistake, each with its type, field and tag.
func TestDefineReportsAll(t *testing.T) {
	t.Parallel()
	m, err := rowhouse.Define[mistaken]("my case")
	if m != nil || err == nil {
		t.Fatal("a mistaken model was defined")
	}
	of := reflect.TypeFor[mistaken]()
	want := []rowhouse.DefinitionError{
		{Type: of, Problem: `the table's name "my case" has ' ' in it; use letters, digits and underscores`},
		{Type: of, Field: "ID", Tag: "id,pk,auto,size:5", Problem: "size is for text and bytes, not int64"},
		{Type: of, Field: "Title", Tag: "title,sise:200", Problem: `option "sise" is unknown; there are `},
		{Type: of, Field: "Tags", Tag: "tags", Problem: "a []string is no column: "},
	}
	got := definitionErrors(err)
	if len(got) != len(want) {
		t.Fatalf("%d mistakes, want %d: %v", len(got), len(want), err)
	}
	for i, w := range want {
		g := got[i]
		if g.Type != w.Type || g.Field != w.Field || g.Tag != w.Tag || !strings.HasPrefix(g.Problem, w.Problem) {
			t.Errorf("mistake %d is %+v, want %+v", i, *g, w)
		}
		if !strings.Contains(err.Error(), g.Error()) {
			t.Errorf("the joined error does not say %q", g.Error())
		}
	}
	const first = "rowhouse: rowhouse_test.mistaken.ID `db:\"id,pk,auto,size:5\"`: size is for text and bytes, not int64"
	if got[1].Error() != first {
		t.Errorf("the message is\n%s\nwant\n%s", got[1], first)
	}
}

func TestMustDefinePanics(t *testing.T) {
	t.Parallel()
	_, err := rowhouse.Define[mistaken]("case")
	with := catchPanic(func() { rowhouse.MustDefine[mistaken]("case") })
	if with == nil || fmt.Sprint(with) != err.Error() {
		t.Errorf("MustDefine panics with\n%v\nDefine returns\n%v", with, err)
	}
	if with := catchPanic(func() { rowhouse.MustDefine[memo]("memo") }); with != nil {
		t.Errorf("a good model panics: %v", with)
	}
}

type (
	memoBase struct {
		ID int64 `db:"id,pk,auto"`
	}
	memoPlace struct {
		Street string
		Zip    int32
	}
	memo struct {
		memoBase
		Title  string    `db:"title"`
		Note   *string   `db:"note"`
		Home   memoPlace `db:",prefix:home_"`
		Work   memoPlace `db:",prefix:work_"`
		Left   string    `db:"-"`
		hidden int
	}
)

var (
	memos      = rowhouse.MustDefine[memo]("memo")
	otherMemos = rowhouse.MustDefine[memo]("other_memo")
)

func TestCol(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"id":          rowhouse.Col(memos, func(m *memo) *int64 { return &m.ID }).Name(),
		"title":       rowhouse.Col(memos, func(m *memo) *string { return &m.Title }).Name(),
		"home_street": rowhouse.Col(memos, func(m *memo) *string { return &m.Home.Street }).Name(),
		"work_street": rowhouse.Col(memos, func(m *memo) *string { return &m.Work.Street }).Name(),
		"work_zip":    rowhouse.Col(memos, func(m *memo) *int32 { return &m.Work.Zip }).Name(),
		"note":        rowhouse.Nullable(memos, func(m *memo) **string { return &m.Note }).Name(),
		"":            rowhouse.Column[memo, string]{}.Name(),
	} {
		if got != want {
			t.Errorf("the column is %q, want %q", got, want)
		}
	}
	if got := rowhouse.Col(memos, func(m *memo) **string { return &m.Note }).Name(); got != "note" {
		t.Errorf("the column of a pointer is %q", got)
	}
}

func TestColPanics(t *testing.T) {
	t.Parallel()
	var elsewhere string
	for name, fn := range map[string]func(){
		"left out":        func() { rowhouse.Col(memos, func(m *memo) *string { return &m.Left }) },
		"not exported":    func() { rowhouse.Col(memos, func(m *memo) *int { return &m.hidden }) },
		"elsewhere":       func() { rowhouse.Col(memos, func(*memo) *string { return &elsewhere }) },
		"another row":     func() { rowhouse.Col(memos, func(*memo) *string { return &new(memo).Title }) },
		"a whole struct":  func() { rowhouse.Col(memos, func(m *memo) *memoPlace { return &m.Home }) },
		"the base":        func() { rowhouse.Col(memos, func(m *memo) *memoBase { return &m.memoBase }) },
		"the row":         func() { rowhouse.Col(memos, func(m *memo) *memo { return m }) },
		"nil":             func() { rowhouse.Col(memos, func(*memo) *string { return nil }) },
		"nullable, no":    func() { rowhouse.Nullable(memos, func(*memo) **string { return new(*string) }) },
		"a pointer in it": func() { rowhouse.Col(memos, func(m *memo) *string { m.Note = new(string); return m.Note }) },
	} {
		with := fmt.Sprint(catchPanic(fn))
		if !strings.HasPrefix(with, "rowhouse: Col: ") || !strings.Contains(with, "rowhouse_test.memo") {
			t.Errorf("%s: panics with %s", name, with)
		}
	}
}

func TestModel(t *testing.T) {
	t.Parallel()
	if memos.Name() != "memo" || otherMemos.Name() != "other_memo" {
		t.Errorf("the models are %q and %q", memos.Name(), otherMemos.Name())
	}
	table := memos.Table()
	if table.Name != "memo" || len(table.Columns) != 7 || table.Columns[0].Name != "id" || !table.Columns[0].Auto {
		t.Errorf("the table is %+v", table)
	}
	if list := rowhouse.Models(memos, otherMemos); len(list) != 2 || list[1].Name() != "other_memo" {
		t.Errorf("the models are %v", list)
	}
}
