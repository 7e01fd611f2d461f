package rowhouse

import (
	"errors"
	"reflect"
	"sync"

	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/internal/model"
)

// results are the compiled types that rows are read into by the names of their columns, by
// reflect.Type. It is a cache of what is a pure function of the type.
var results sync.Map // of *result

// result is a compiled type, or what is wrong with it.
type result struct {
	s   *model.Struct
	err error
}

// resultOf compiles R as a destination of rows by their columns' names; see [model.CompileResult].
// Every mistake is reported at once, each as a [*DefinitionError].
func resultOf[R any]() (*model.Struct, error) {
	t := reflect.TypeFor[R]()
	if r, ok := results.Load(t); ok {
		return r.(*result).s, r.(*result).err
	}
	s, mistakes := model.CompileResult(t)
	if t == reflect.TypeFor[Record]() {
		mistakes = []model.Mistake{{Type: t, Problem: "a Record is a row of a model, and a result is none: " +
			"read it into a struct or one value; RawRecords names a model"}}
	}
	r, _ := results.LoadOrStore(t, &result{s: s, err: definitionErrors(mistakes)})
	return r.(*result).s, r.(*result).err
}

func definitionErrors(mistakes []model.Mistake) error {
	errs := make([]error, len(mistakes))
	for i, m := range mistakes {
		errs[i] = &DefinitionError{Type: m.Type, Model: m.Model, Field: m.Field, Tag: m.Tag, Problem: m.Problem}
	}
	return errors.Join(errs...)
}

// drainResult is drain for rows of whatever columns: it calls fn with each row, read by the names of
// the columns, until it returns false, and closes the rows. Unless partial is set, every field must
// have a column.
func drainResult[R any](rows driver.Rows, of *model.Struct, partial bool, fn func(*R) bool) error {
	aimed, err := aim(rows, of, partial)
	if err != nil {
		return errors.Join(err, rows.Close())
	}
	return drain(rows, aimed, fn)
}

// aim finds the fields for the columns of a result.
func aim(rows driver.Rows, of *model.Struct, partial bool) (*model.Struct, error) {
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	if len(columns) == 0 {
		// The statement has ended without a result: with an error, or with nothing to read.
		return of, rows.Err()
	}
	aimed, err := of.For(columns, partial)
	if err != nil {
		return nil, invalid("%v", err)
	}
	return aimed, nil
}
