//go:build !linux

package meter

// Apart does nothing: which processors a process may use is asked of Linux only.
func Apart() (undo func(), err error) { return func() {}, nil }

// MoveAway does nothing, like [Apart].
func MoveAway([]int) error { return nil }
