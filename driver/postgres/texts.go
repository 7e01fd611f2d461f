package postgres

import "unsafe"

// texts makes strings of a result's values, many in one piece of memory, which stays for as long as one of
// them does: pieces are small at first, and never large, so that a row that is kept keeps little else.
type texts struct{ piece []byte }

// Of the pieces, and of a text that has memory of its own.
const (
	firstPiece = 64
	mostPiece  = 2048
	longText   = 256
)

func (t *texts) of(b []byte) string {
	switch {
	case len(b) == 0:
		return ""
	case len(b) >= longText:
		return string(b)
	case len(b) > cap(t.piece)-len(t.piece):
		t.piece = make([]byte, 0, max(len(b), min(mostPiece, max(firstPiece, 2*cap(t.piece)))))
	}
	from := len(t.piece)
	t.piece = append(t.piece, b...)
	return unsafe.String(&t.piece[from], len(b)) // what is in a piece is never written again
}
