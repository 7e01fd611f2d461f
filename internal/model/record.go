package model

import (
	"fmt"
	"reflect"
	"unsafe"
)

// Record is a row of a model that has no struct: a handle on storage whose type was made at run
// time. What is stored is never changed in place once the row has been read or written: a setter
// gives the Record storage of its own. So a copy of a Record is as good as a copy of a struct.
// The zero Record is a row of zero values.
type Record struct {
	of   *Struct
	data unsafe.Pointer
}

// boxed makes the rows of s Records, whose storage has the fields that s was compiled with.
func (s *Struct) boxed(storage reflect.Type) {
	s.storage, s.origin = storage, s
	s.zero = reflect.New(storage).UnsafePointer()
	for i := range s.Fields {
		s.Fields[i].record = s
	}
}

// Boxed reports whether the model's rows are Records.
func (s *Struct) Boxed() bool { return s.storage != nil }

// Fresh gives the Record at row new storage, which may be written to until somebody has the row.
// It reports whether destinations have to be aimed again; a struct is its own storage, and its
// destinations stay good.
func (s *Struct) Fresh(row unsafe.Pointer) bool {
	if s.renews() {
		s.renew(row)
		return true
	}
	if !s.Boxed() {
		return false
	}
	*(*Record)(row) = s.NewRecord()
	return true
}

// NewRecord returns a row of zero values.
func (s *Struct) NewRecord() Record {
	return Record{of: s.origin, data: reflect.New(s.storage).UnsafePointer()}
}

// Of returns the model that the row is one of, or nil for the zero Record.
func (r *Record) Of() *Struct { return r.of }

// check returns what is wrong with taking the Record at row for one of s. Nothing that is wrong
// is read as what it is not: At gives zero values for it, and what is written goes nowhere.
func (s *Struct) check(row unsafe.Pointer) error {
	if r := (*Record)(row); r.of != nil && r.of != s {
		return fmt.Errorf("the Record is a row of model %q, not of this model %q", r.of.Table.Name, s.Table.Name)
	}
	return nil
}

// reading returns the storage of the Record at row, to be read.
func (s *Struct) reading(row unsafe.Pointer) unsafe.Pointer {
	if r := (*Record)(row); r.of == s {
		return r.data
	}
	return s.zero
}

// writing returns storage of the Record at row that nobody else has.
func (s *Struct) writing(row unsafe.Pointer) unsafe.Pointer {
	data := reflect.New(s.storage)
	data.Elem().Set(reflect.NewAt(s.storage, s.reading(row)).Elem())
	if s.check(row) == nil {
		*(*Record)(row) = Record{of: s, data: data.UnsafePointer()}
	}
	return data.UnsafePointer()
}

// CompileRecord compiles a model of Records whose storage is of the struct type t, tagged as a model's
// struct is. Its mistakes are as for [Compile].
func CompileRecord(t reflect.Type, table string) (*Struct, []Mistake) {
	s, mistakes := Compile(t, table)
	if len(mistakes) > 0 {
		return nil, mistakes
	}
	s.boxed(t)
	s.Type = reflect.TypeFor[Record]()
	return s, nil
}
