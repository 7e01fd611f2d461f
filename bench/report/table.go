package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/rowhouse/rowhouse/bench/chart"
)

// Ours is the subject that stands out.
const Ours = "rowhouse"

// View is a table of figures: one metric of a group of scenarios.
type View struct {
	Group  string // what the names of the scenarios begin with
	Title  string
	Metric string
	Unit   string
	Chart  string // the name of its drawing; "" for none
}

// views are all tables, in their order.
func (r *Results) views() []View {
	const pgx, sql = ", × pgx", ", × database/sql"
	const cpu = ": processor time of client and server"
	many, zipf := r.count("postgres/many")+" tenants in turn", r.count("postgres/zipf")+" tenants by Zipf's law"
	some := r.count("mariadb/many") + " tenants in turn"
	const lanes = "postgres/lanes/"
	busy := "eight connections to " + r.count("postgres/lanes") + " tenants"
	const mapping = "mapping/five models/"
	return []View{
		{"postgres/one/", "PostgreSQL, one tenant: time" + pgx, "wall_x", "x", "postgres-one"},
		{"postgres/one/", "PostgreSQL, one tenant" + cpu + pgx, "cpu_x", "x", ""},
		{"postgres/one/", "PostgreSQL, one tenant: allocations", "allocs", "", ""},
		{"postgres/many/", "PostgreSQL, " + many + cpu + pgx, "cpu_x", "x", "postgres-many"},
		{"postgres/many/", "PostgreSQL, " + many + ": time" + pgx, "wall_x", "x", ""},
		{"postgres/many/", "PostgreSQL, " + many + ": round trips", "trips", "", ""},
		{"postgres/zipf/", "PostgreSQL, " + zipf + cpu + pgx, "cpu_x", "x", "postgres-zipf"},
		{"postgres/one, 1 ms away/", "PostgreSQL, one tenant, 1 ms of network: milliseconds", "wall_us", "ms", ""},
		{"postgres/many, 1 ms away/", "PostgreSQL, " + many + ", 1 ms of network: milliseconds", "wall_us", "ms", "postgres-network"},
		{"postgres/all/", "PostgreSQL, all tenants at once, four connections: milliseconds", "wall_us", "ms", "postgres-all"},
		{"postgres/", "PostgreSQL: memory of a subject's server processes after each group, MiB", "server_mib", "MiB", "postgres-memory"},
		{lanes, "PostgreSQL, " + busy + ": memory of all server processes, MiB", "lanes_mib", "MiB", "postgres-lanes"},
		{lanes, "PostgreSQL, " + busy + ": part of the statements that the server had by name", "named_part", "x", ""},
		{lanes, "PostgreSQL, " + busy + ": time of a get, milliseconds", "wait_us", "ms", ""},
		{"mariadb/one/", "MariaDB, one tenant: time" + sql, "wall_x", "x", "mariadb-one"},
		{"mariadb/one/", "MariaDB, one tenant" + cpu + sql, "cpu_x", "x", ""},
		{"mariadb/one/", "MariaDB, one tenant: round trips", "trips", "", ""},
		{"mariadb/many/", "MariaDB, " + some + ": time" + sql, "wall_x", "x", "mariadb-many"},
		{"mariadb/one, 1 ms away/", "MariaDB, one tenant, 1 ms of network: milliseconds", "wall_us", "ms", "mariadb-network"},
		{"mariadb/all/", "MariaDB, all tenants at once, four connections: milliseconds", "wall_us", "ms", ""},
		{mapping, "Mapping five models: bytes for each tenant", "bytes_tenant", "", "mapping-memory"},
		{mapping, "Mapping five models: microseconds for each tenant", "us_tenant", "", ""},
		{mapping, "Mapping five models: milliseconds for all", "total_ms", "", ""},
		{mapping, "Mapping five models: MiB for all", "total_mib", "MiB", ""},
	}
}

// count is how many tenants a group has.
func (r *Results) count(group string) string { return Thousands(r.Tenants[group]) }

// Thousands writes a number with its thousands apart.
func Thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%s,%03d", Thousands(n/1000), n%1000)
}

// matrix is a view's figures, a row for each subject, a column for each scenario.
type matrix struct {
	View
	subjects, scenarios []string
	values              map[[2]string]float64
}

func (r *Results) matrix(v View) matrix {
	m := matrix{View: v, values: map[[2]string]float64{}}
	for _, row := range r.Rows {
		name, in := strings.CutPrefix(row.Scenario, v.Group)
		if !in || row.Metric != v.Metric {
			continue
		}
		name = strings.TrimSuffix(name, "/afterwards")
		m.subjects, m.scenarios = with(m.subjects, row.Subject), with(m.scenarios, name)
		m.values[[2]string{row.Subject, name}] = row.Value
	}
	return m
}

func with(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// text is a figure as it is written: "–" if it was not measured.
func (m matrix) text(subject, scenario string) string {
	v, measured := m.values[[2]string{subject, scenario}]
	switch {
	case !measured:
		return "–"
	case m.Unit == "x":
		return fmt.Sprintf("%.2f", v)
	case m.Unit == "ms":
		return fmt.Sprintf("%.2f", v/1000)
	case m.Unit == "MiB":
		return fmt.Sprintf("%.1f", v)
	case v >= 100:
		return Thousands(int(v + 0.5))
	default:
		return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", v), "0"), ".")
	}
}

// lines are the matrix as texts, heading first.
func (m matrix) lines() [][]string {
	lines := [][]string{append([]string{""}, m.scenarios...)}
	for _, s := range m.subjects {
		line := []string{s}
		for _, scenario := range m.scenarios {
			line = append(line, m.text(s, scenario))
		}
		lines = append(lines, line)
	}
	return lines
}

// panels are the matrix as bars, a panel for each scenario.
func (m matrix) panels() []chart.Panel {
	panels := make([]chart.Panel, len(m.scenarios))
	for i, scenario := range m.scenarios {
		panels[i].Title = scenario
		if m.Unit == "x" {
			panels[i].Mark = 1
		}
		for _, s := range m.subjects {
			if v, measured := m.values[[2]string{s, scenario}]; measured {
				panels[i].Bars = append(panels[i].Bars, chart.Bar{Label: s, Value: v, Text: m.text(s, scenario), Ours: s == Ours})
			}
		}
	}
	return panels
}

// Print writes all tables for people at a terminal.
func (r *Results) Print(w io.Writer) error {
	for _, v := range r.views() {
		m := r.matrix(v)
		if len(m.subjects) == 0 {
			continue
		}
		fmt.Fprintf(w, "\n%s\n", v.Title)
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
		for _, line := range m.lines() {
			fmt.Fprintln(t, strings.Join(line, "\t")+"\t")
		}
		if err := t.Flush(); err != nil {
			return err
		}
	}
	return nil
}
