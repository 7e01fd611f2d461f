package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/rowhouse/rowhouse"
)

const (
	defaultTenants = 1000
	mostTenants    = 100_000

	// removeTime bounds the clean-up after an interrupt.
	removeTime = 2 * time.Minute
)

const demoHelp = `Demo maps one Go struct onto a thousand tenants' tables: some tenants have
tables of their own beside others', some a schema, some a database, and some
share one table. It writes and reads them all by the same code, tries to get
from one tenant to another's rows, and prints what was sent and how long it took.

Without flags it is on SQLite, in a temporary directory. On a server it makes
databases of its own, called rowhouse_demo_…, and touches no others; the role
must be allowed to make them. At a path it makes a new file, and a directory
beside it. It removes all that it made, also after an error or an interrupt.
With --keep it leaves what it made, unless it failed.`

const demoExamples = `  rowhouse demo
  rowhouse demo --tenants 5000 --dsn sqlite:demo.db --keep
  rowhouse demo --dsn postgres://postgres@localhost:5432/postgres
  rowhouse demo --dsn mysql://root@localhost:3306/`

// demoOptions are the command's flags.
type demoOptions struct {
	dsn     string
	tenants tenantCount
	keep    bool
}

func newDemoCommand() *cobra.Command {
	o := demoOptions{tenants: defaultTenants}
	cmd := &cobra.Command{
		Use:     "demo",
		Short:   "Map one struct onto a thousand tenants, on a throwaway database",
		Long:    demoHelp,
		Example: demoExamples,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runDemo(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVar(&o.dsn, "dsn", "", "`database` to use: postgres://…, mysql://… or user@tcp(host:port)/,\n"+
		"sqlite:path or a new file's path (default: a temporary directory)")
	cmd.Flags().Var(&o.tenants, "tenants", "`number` of tenants, 1 to 100000")
	cmd.Flags().BoolVar(&o.keep, "keep", false, "leave everything as it is, and say where")
	return cmd
}

// tenantCount is the value of --tenants.
type tenantCount int

func (n *tenantCount) String() string { return strconv.Itoa(int(*n)) }

func (n *tenantCount) Type() string { return "number" }

func (n *tenantCount) Set(text string) error {
	value, err := strconv.Atoi(text)
	if err != nil || value < 1 || value > mostTenants {
		return fmt.Errorf("it takes a whole number from 1 to %d", mostTenants)
	}
	*n = tenantCount(value)
	return nil
}

// demo is one run.
type demo struct {
	site    *site
	page    *page
	stderr  io.Writer
	tenants []planned
	db      *rowhouse.DB

	// watched is a second DB on the same tenants, with a trace of what it sends.
	watched *rowhouse.DB
	trace   *traced
}

// runDemo makes a site, runs the demo on it, and removes the site, whatever happened.
func runDemo(ctx context.Context, o demoOptions, stdout, stderr io.Writer) error {
	at, err := parseDSN(o.dsn)
	if err != nil {
		return &usageError{err}
	}
	began := time.Now()
	s, err := at.settle(ctx, o.keep)
	if err != nil {
		return err
	}
	d := &demo{site: s, page: newPage(stdout), stderr: stderr, tenants: plan(int(o.tenants), s)}
	err = d.run(ctx)
	if err == nil && !o.keep {
		err = d.drop(ctx)
	}
	if ctx.Err() != nil {
		err = errors.New("interrupted")
		fmt.Fprintln(stderr, "\nInterrupted: removing what the demo made. A second interrupt leaves it there.")
	}
	err = errors.Join(err, d.close())
	if err == nil && o.keep {
		d.page.blank()
		d.page.hang("Kept: ", s.kept+".")
		return d.page.err
	}
	removed := d.remove(ctx)
	if err != nil {
		if removed == nil {
			fmt.Fprintln(stderr, "What the demo made is removed.")
		}
		return errors.Join(err, removed)
	}
	d.page.linef("Nothing is left of it. It all took %s.", short(time.Since(began)))
	return errors.Join(removed, d.page.err)
}

// remove removes the site, also after an interrupt, which has ended ctx.
func (d *demo) remove(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeTime)
	defer cancel()
	return d.site.remove(ctx)
}

// run is the demo from the first tenant to the last figure.
func (d *demo) run(ctx context.Context) (err error) {
	d.page.print(fmt.Sprintf("Rowhouse demo: %s tenants on %s, %s.\n", thousands(len(d.tenants)), d.site.engine, d.site.place))
	if d.db, err = rowhouse.Open(ctx, d.site.driver, d.options()); err != nil {
		return err
	}
	stages := []func(context.Context) error{d.provision, d.work, d.watch, d.show, d.figures, d.walls}
	for _, stage := range stages {
		if err := stage(ctx); err != nil {
			return err
		}
		if d.page.err != nil {
			return d.page.err
		}
	}
	return nil
}

func (d *demo) options() rowhouse.Options {
	return rowhouse.Options{Models: rowhouse.Models(Cases)}
}

// close ends all connections.
func (d *demo) close() error { return errors.Join(d.forget(), d.site.disconnect()) }

// forget closes the demo's views of the tenants. It may be called twice.
func (d *demo) forget() error {
	var errs []error
	for _, db := range []*rowhouse.DB{d.watched, d.db} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}
