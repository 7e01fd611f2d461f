package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// show prints where a few tenants' rows are, and what was sent for them.
func (d *demo) show(ctx context.Context) error {
	d.page.section("Each tenant's own table, and the SQL that was sent")
	few := examples(d.tenants)
	if err := d.showTables(ctx, few); err != nil {
		return err
	}
	d.page.blank()
	d.page.linef("Cases.In(tenant).Where(CaseStatus.Eq(%q)).Count(ctx)", open)
	d.page.blank()
	width := 0
	for _, t := range few {
		width = max(width, len(t.id)+2)
	}
	for i, t := range few {
		if i > 0 && t.placement.Kind == few[i-1].placement.Kind {
			continue // it looks the same
		}
		sent, err := d.countOpen(ctx, t.id)
		if err != nil {
			return err
		}
		for _, s := range sent {
			what, where, _ := strings.Cut(s.Text, "WHERE ")
			d.page.linef("%-*s%sWHERE", width, t.id, what)
			d.page.linef("%-*s%s  %v", width, "", where, values(s.Args))
		}
	}
	return nil
}

// showTables prints the tables' names.
func (d *demo) showTables(ctx context.Context, few []planned) error {
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "tenant\tplacement\ttable\tin")
	for _, t := range few {
		tenant, err := d.watched.Tenant(ctx, t.id)
		if err != nil {
			return err
		}
		entry, err := d.watched.Catalog().Tenant(ctx, t.id)
		if err != nil {
			return err
		}
		house, err := d.watched.House(entry)
		if err != nil {
			return err
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", t.id, tenant.Placement(), tenant.TableName(Cases), d.site.locate(house))
	}
	_ = table.Flush() // to a strings.Builder
	for line := range strings.Lines(text.String()) {
		d.page.linef("%s", strings.TrimRight(line, "\n"))
	}
	return nil
}

// countOpen counts a tenant's open cases and returns the statements that it took.
func (d *demo) countOpen(ctx context.Context, id string) ([]*driver.Statement, error) {
	return d.trace.during(func() error {
		tenant, err := d.watched.Tenant(ctx, id)
		if err != nil {
			return err
		}
		_, err = Cases.In(tenant).Where(CaseStatus.Eq(open)).Count(ctx)
		return err
	})
}

// values are a statement's arguments, which are never in its text.
func values(args []dialect.Arg) []any {
	list := make([]any, len(args))
	for i, a := range args {
		list[i] = a.Value
	}
	return list
}

// watch opens the tenants a second time, as another process would, with a driver that notes what
// it sends; the measured one has nothing between it and the database.
func (d *demo) watch(ctx context.Context) (err error) {
	d.trace = &traced{Driver: d.site.driver}
	d.watched, err = rowhouse.Open(ctx, d.trace, d.options())
	return err
}
