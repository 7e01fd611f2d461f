package rowhouse_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"time"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver/sqlite"
	"github.com/rowhouse/rowhouse/fleet"
)

// A tenant has one statement at once. While that runs, a request for another is refused: over HTTP, it is
// 429 Too Many Requests, and says when to try again.
func ExampleLimitError() {
	ctx := context.Background()
	drv, err := sqlite.Temporary()
	check(err)
	defer drv.Close()
	db, err := rowhouse.Open(ctx, drv, rowhouse.Options{
		Models: rowhouse.Models(Jobs),
		Limits: rowhouse.Limits{Statements: 8, Queue: 100, Wait: 2 * time.Second, Timeout: 10 * time.Second, Rows: 10_000},
	})
	check(err)
	defer db.Close()
	houses := fleet.New(db, fleet.Options{})
	check(houses.Provision(ctx, fleet.NewTenant{ID: "acme"}))
	_, err = houses.SetLimits(ctx, db.Only("acme"), rowhouse.Limits{Statements: 1, Wait: 10 * time.Millisecond})
	check(err)

	acme, err := db.Tenant(ctx, "acme")
	check(err)
	handler := func(w http.ResponseWriter, r *http.Request) {
		n, err := Jobs.In(acme).Count(r.Context())
		limit, refused := errors.AsType[*rowhouse.LimitError](err)
		switch {
		case refused:
			if limit.RetryAfter > 0 {
				w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(limit.RetryAfter.Seconds()))))
			}
			http.Error(w, string(limit.Limit), http.StatusTooManyRequests)
		case err != nil:
			http.Error(w, "error", http.StatusInternalServerError)
		default:
			fmt.Fprintln(w, n, "jobs")
		}
	}
	get := func() {
		w := httptest.NewRecorder()
		handler(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/", http.NoBody))
		fmt.Printf("%d %q %s", w.Code, w.Header().Get("Retry-After"), w.Body)
	}

	check(acme.Tx(ctx, func(*rowhouse.Tx) error {
		get()
		return nil
	}))
	get()

	// Output:
	// 429 "1" wait
	// 200 "" 0 jobs
}
