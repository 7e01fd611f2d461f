// Command bench runs the same work through Rowhouse and its rivals, side by side: pgx and database/sql
// by hand, gorm, bun and ent. `make bench` starts the servers for it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/rowhouse/rowhouse/bench/report"
)

func main() {
	isShort := flag.Bool("short", false, "do little of everything")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s := full()
	if *isShort {
		s = short()
	}
	b := &bench{scale: s, results: report.New(*isShort), started: time.Now()}
	all := operations(s)
	err := b.on(ctx, postgres(), s.skewed, []group{
		{name: "one", spread: one(), connections: 1, operations: all},
		{name: "many", spread: many(s.many), connections: 1, operations: only(all, "get", "insert", "update", "upsert", "list 50 with children")},
	})
	for _, r := range b.results.Rows {
		fmt.Println(r)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
