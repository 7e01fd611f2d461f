// Package one has a model, for what the code of one takes to be measured.
package one

import (
	"context"

	"github.com/rowhouse/rowhouse"
)

// First is a row.
type First struct {
	ID      int64  `db:"id,pk,auto"`
	Name    string `db:"name"`
	Firstly int    `db:"firstly"`
}

// Firsts and what follows are its model and columns.
var (
	Firsts    = rowhouse.MustDefine[First]("first")
	FirstID   = rowhouse.Col(Firsts, func(r *First) *int64 { return &r.ID })
	FirstName = rowhouse.Col(Firsts, func(r *First) *string { return &r.Name })
)

// UseFirst inserts a row and reads others.
func UseFirst(ctx context.Context, s rowhouse.Scope, row *First) ([]First, error) {
	if err := Firsts.In(s).Insert(ctx, row); err != nil {
		return nil, err
	}
	return Firsts.In(s).Where(FirstName.Eq("a")).OrderBy(FirstID.Desc()).All(ctx)
}
