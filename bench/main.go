// Command bench runs the same work through Rowhouse and its rivals, side by side: pgx and database/sql
// by hand, gorm, bun and ent. `make bench` starts the servers for it.
//
// Subjects take turns in rounds within one process, so that a machine that is busy is busy for all of
// them; a figure is the median of its rounds, and a ratio the median of the ratios within a round.
// It prints tables, and writes the figures, the charts, and the tables of docs/benchmarks.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/rowhouse/rowhouse/bench/report"
)

// places are where everything goes.
type places struct{ results, page, images string }

func main() {
	quick := flag.Bool("short", false, "do little of everything, and leave the documentation alone")
	from := flag.String("from", "", "run nothing, and show the results of this `file` anew")
	root := flag.String("root", ".", "the repository's `directory`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *quick, *from, *root); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop has been called
	}
}

func run(ctx context.Context, quick bool, from, root string) error {
	to := places{filepath.Join(root, "bench/results/latest.json"), filepath.Join(root, "docs/benchmarks.md"), filepath.Join(root, "docs/img")}
	if from != "" {
		results, err := report.Read(from)
		if err != nil {
			return err
		}
		return to.show(results)
	}
	b := &bench{scale: full(), results: report.New(quick), started: time.Now()}
	if quick {
		dir := filepath.Join(root, "bench/results/short")
		b.scale, to = short(), places{filepath.Join(dir, "latest.json"), filepath.Join(dir, "benchmarks.md"), filepath.Join(dir, "img")}
	}
	if err := b.everything(ctx); err != nil {
		return err
	}
	if err := b.results.Write(to.results); err != nil {
		return err
	}
	b.sayf("done")
	return to.show(b.results)
}

func (p places) show(r *report.Results) error {
	if err := r.Print(os.Stdout); err != nil {
		return err
	}
	return r.Publish(p.page, p.images)
}
