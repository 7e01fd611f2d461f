package rowhouse

import (
	"reflect"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/internal/model"
)

// DefineRecord makes a model without a struct, of a table whose columns are known only when the program
// runs: from its own configuration, or read from a database by fleet's Reflect. Everything that takes a
// [Model] takes it, and its rows are [Record]s:
//
//	notes, err := rowhouse.DefineRecord(dialect.Table{
//		Name: "note",
//		Columns: []dialect.Column{
//			{Name: "id", Type: dialect.Type{Kind: dialect.Int64}, Auto: true},
//			{Name: "text", Type: dialect.Type{Kind: dialect.Text, Size: 200}},
//			{Name: "version", Type: dialect.Type{Kind: dialect.Int64}, Role: dialect.RoleLock},
//		},
//		PrimaryKey: []string{"id"},
//	})
//
// The table says all that the tags of a struct can say, and [Model.Table] of a struct's model is such a
// table: the model made of it has the same tables and reads the same rows. An index or constraint
// without a name is given the one that a struct's would have. A table with Common set is of the common
// house, as by [DefineCommon].
//
// Every mistake is reported at once, each as a [*DefinitionError]. The table is copied.
//
// Go keeps what it has made of the types of a table's columns for as long as the program runs, some
// kilobytes for each sequence of types that differs; models of the same types share it.
func DefineRecord(table dialect.Table) (*Model[Record], error) {
	s, mistakes := model.CompileTable(reflect.TypeFor[Record](), table)
	if len(mistakes) > 0 {
		return nil, definitionErrors(mistakes)
	}
	return &Model[Record]{s: s}, nil
}

// MustDefineRecord is [DefineRecord] for package variables; it panics where DefineRecord returns an
// error.
func MustDefineRecord(table dialect.Table) *Model[Record] {
	m, err := DefineRecord(table)
	if err != nil {
		panic(err)
	}
	return m
}

// RecordCol names a column of a model without a struct, with the type of its values: any that a struct's
// field for the column could have, such as an int for an int64, a *string where the column can be NULL,
// or any type for JSON. With a type that has no value for NULL, a column is compared with values, and
// NULL is read as the zero value.
//
// That there is no such column, or that the type does not fit it, is a [*DefinitionError].
func RecordCol[V any](m *Model[Record], name string) (Column[Record, V], error) {
	wrong := func(problem string) (Column[Record, V], error) {
		err := &DefinitionError{Type: m.s.Type, Model: m.Name(), Field: name, Problem: "RecordCol: " + problem}
		return Column[Record, V]{}, err
	}
	if !m.s.Boxed() {
		return wrong("the model was not made by DefineRecord")
	}
	r := m.s.NewRecord()
	f, err := r.Field(name)
	if err != nil {
		return wrong(err.Error())
	}
	codec, err := f.CodecFor(reflect.TypeFor[V]())
	if err != nil {
		return wrong(err.Error())
	}
	c := columnAt[Record, V](m.s, m.s.Position(name))
	c.o.codec = codec
	return c, nil
}

// MustRecordCol is [RecordCol] for package variables; it panics where RecordCol returns an error.
func MustRecordCol[V any](m *Model[Record], name string) Column[Record, V] {
	c, err := RecordCol[V](m, name)
	if err != nil {
		panic(err)
	}
	return c
}
