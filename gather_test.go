package rowhouse

import (
	"errors"
	"strconv"
	"testing"
)

// TestGather gathers rows of one model time after time, few and many, and keeps all that it gets: nobody's rows are
// changed by those of the next.
func TestGather(t *testing.T) {
	t.Parallel()
	type row struct {
		ID   int64 `db:",pk"`
		Text string
	}
	m := MustDefine[row]("row")
	errEnd := errors.New("the end")
	var kept [][]row
	for turn, n := range []int{3, 3, 3, 3, 2, 2, 7, 7, 7, 0, 0, 7, 20_000, 20_000, 20_000, 1, 1, 1, 20_000} {
		read := func(err error) ([]row, error) {
			return gather(m, func(take func(*row) bool) error {
				for i := range n {
					take(&row{ID: int64(turn), Text: strconv.Itoa(i)})
				}
				return err
			})
		}
		if turn == 12 {
			if rows, err := read(errEnd); rows != nil || !errors.Is(err, errEnd) {
				t.Fatalf("turn %d fails with %v and %d rows", turn, err, len(rows))
			}
		}
		rows, err := read(nil)
		if err != nil || (rows == nil) != (n == 0) {
			t.Fatalf("turn %d: %v, %v", turn, rows, err)
		}
		kept = append(kept, rows)
		for then, rows := range kept {
			for i, r := range rows {
				if r.ID != int64(then) || r.Text != strconv.Itoa(i) {
					t.Fatalf("after turn %d, row %d of turn %d is %v", turn, i, then, r)
				}
			}
		}
		if len(rows) != n {
			t.Fatalf("turn %d has %d rows of %d", turn, len(rows), n)
		}
	}
}
