package driver

import (
	"context"
	"errors"

	"github.com/rowhouse/rowhouse/dialect"
)

// Copier is implemented by a DB, and by its Tx, that takes in many rows faster than statements do.
// It is called through the function [Copy]. Without it, rows are inserted.
type Copier interface {
	// Copy is the function of that name on this runner.
	Copy(ctx context.Context, c *Many) (Result, error)
}

// Many are rows for one table.
type Many struct {
	// Statement is the dialect's [dialect.Copy], filled with names. It has no arguments.
	Statement

	// Insert is the statement that inserts one such row: its arguments are the row's values, in
	// the order of the columns.
	Insert string

	// Rows is how many there are, and Row the arguments of each. It is called once for each, in
	// order, by the goroutine that called Copy, and returns what is good until its next call.
	Rows int
	Row  func(i int) ([]dialect.Arg, error)
}

// ErrNotCopied is returned by [Copy] where rows have to be inserted instead. Nothing has happened
// then, and a transaction can go on.
var ErrNotCopied = errors.New("driver: the rows cannot be copied, and have to be inserted")

// Copy writes rows, all of them or none. It returns [ErrNotCopied] for a runner that is no
// [Copier], and where a column is of a type that the values are not, so that only a statement
// converts them.
func Copy(ctx context.Context, r Runner, c *Many) (Result, error) {
	if copier, ok := r.(Copier); ok {
		return copier.Copy(ctx, c)
	}
	return Result{}, ErrNotCopied
}
