package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"

	"github.com/spf13/cobra"

	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/fleet"
	"github.com/rowhouse/rowhouse/internal/source"
)

const reflectHelp = `Reflect reads the tables of a database that exists, and prints Go: a struct for
each table with tags for its keys, indexes, references and checks, its model,
handles on its columns, and the relations that follow the foreign keys. Models
that are defined so make the same tables for a new tenant.

It reads one tenant's tables: those of a schema, those whose names begin with a
prefix, or tables that tenants share, without their discriminator. What no model
can say, such as an index of an expression, is in the comment of the package.

It changes nothing in the database.`

const reflectExamples = `  rowhouse reflect --dsn app.db > models.go
  rowhouse reflect --dsn postgres://app@localhost:5432/app --schema acme --package tenant
  rowhouse reflect --dsn mysql://app@localhost:3306/app --prefix 42_ --table 'case*'
  rowhouse reflect --dsn postgres://app@localhost:5432/app --discriminator tenant_id`

// reflectOptions are the command's flags.
type reflectOptions struct {
	dsn  string
	name string // of the package
	site fleet.Site
}

func newReflectCommand() *cobra.Command {
	var o reflectOptions
	cmd := &cobra.Command{
		Use:     "reflect",
		Short:   "Print Go models of the tables that a database has",
		Long:    reflectHelp,
		Example: reflectExamples,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runReflect(cmd.Context(), o, cmd.OutOrStdout())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.dsn, "dsn", "", "`database` to read: postgres://…, mysql://… or\n"+
		"user@tcp(host:port)/name, sqlite:path or a file's path")
	flags.StringVar(&o.site.Schema, "schema", "", "read the tables of a `schema`, of MySQL of a database\n"+
		"(default: public, or the database that --dsn names)")
	flags.StringVar(&o.site.Prefix, "prefix", "", "read the tables whose names begin so: `42_` for tenant 42's;\nmodels are named without it")
	flags.StringVar(&o.site.Pattern, "table", "", "read the tables with such names, * for any text: `case*`;\nquote it from the shell")
	flags.StringVar(&o.site.Discriminator, "discriminator", "", "read the tables that have the `column`, which says whose a\n"+
		"row is; models do not have it")
	flags.StringVar(&o.name, "package", "models", "`name` of the Go package")
	return cmd
}

// runReflect prints all or nothing.
func runReflect(ctx context.Context, o reflectOptions, stdout io.Writer) (err error) {
	at, err := o.check()
	if err != nil {
		return &usageError{err}
	}
	drv, disconnect, err := at.visit(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, disconnect()) }()
	text, err := reflected(ctx, drv, o)
	if err != nil {
		return at.explain(err)
	}
	_, err = stdout.Write(text)
	return err
}

// check finds what is wrong with the flags before anything is read.
func (o reflectOptions) check() (target, error) {
	if o.dsn == "" {
		return nil, errors.New("--dsn is needed: it names the database to read")
	}
	if _, err := path.Match(o.site.Pattern, ""); err != nil {
		return nil, fmt.Errorf("--table: %q is no pattern: %w", o.site.Pattern, err)
	}
	if err := source.CheckPackage(o.name); err != nil {
		return nil, fmt.Errorf("--package: %w", err)
	}
	return parseDSN(o.dsn)
}

func reflected(ctx context.Context, drv driver.Driver, o reflectOptions) ([]byte, error) {
	r, err := fleet.Reflect(ctx, drv, o.site)
	if err != nil {
		return nil, err
	}
	f := source.File{Package: o.name, Tables: r.Tables}
	for _, remark := range r.Remarks {
		f.Remarks = append(f.Remarks, remark.String())
	}
	return source.Print(f)
}
