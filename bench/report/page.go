package report

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rowhouse/rowhouse/bench/chart"
)

// The lines between which a page is written by Publish.
const (
	begin = "<!-- begin: written by make bench -->"
	end   = "<!-- end: written by make bench -->"
)

// Publish draws the charts into a directory, and writes the tables into a page, between its markers.
// A page that does not exist is made.
func (r *Results) Publish(page, images string) error {
	text, err := os.ReadFile(page)
	if os.IsNotExist(err) {
		text, err = []byte(begin+"\n"+end+"\n"), nil
	}
	if err != nil {
		return err
	}
	link, err := filepath.Rel(filepath.Dir(page), images)
	if err != nil {
		return err
	}
	before, rest, begins := strings.Cut(string(text), begin+"\n")
	_, after, ends := strings.Cut(rest, end+"\n")
	if !begins || !ends {
		return fmt.Errorf("%s: the tables' place is missing: it is between the lines\n%s\n%s", page, begin, end)
	}
	for _, v := range r.views() {
		m := r.matrix(v)
		if v.Chart == "" || len(m.subjects) == 0 {
			continue
		}
		if err := create(filepath.Join(images, v.Chart+".svg"), chart.SVG(v.Title, m.panels())); err != nil {
			return err
		}
	}
	return create(page, before+begin+"\n"+r.markdown(filepath.ToSlash(link))+end+"\n"+after)
}

func (r *Results) markdown(images string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s\n\n", r.conditions())
	b.WriteString("### Where Rowhouse is slower\n\n")
	b.WriteString("Than the fastest subject, which is in parentheses, by more than a twentieth.\n\n" + r.losses())
	for _, v := range r.views() {
		m := r.matrix(v)
		if len(m.subjects) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n### %s\n\n", v.Title)
		if v.Chart != "" {
			fmt.Fprintf(&b, "![%s](%s/%s.svg)\n\n", v.Title, images, v.Chart)
		}
		b.WriteString(m.markdown())
	}
	b.WriteString("\n### How each is used\n\n| on | subject | how |\n|---|---|---|\n")
	for _, s := range r.Subjects {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", s.Engine, s.Name, s.How)
	}
	b.WriteByte('\n')
	return b.String()
}

// conditions are what the run was on.
func (r *Results) conditions() string {
	versions := make([]string, 0, len(r.Versions))
	for _, name := range slices.Sorted(maps.Keys(r.Versions)) {
		versions = append(versions, name+" "+r.Versions[name])
	}
	line := fmt.Sprintf("Measured on %s: %d × %s, %s, the servers on the same machine; %s.",
		r.Date, r.Machine.CPUs, r.Machine.CPU, r.Machine.OS, strings.Join(versions, ", "))
	if r.Short {
		line += " **A short run: enough to see that everything works, and not for quoting.**"
	}
	return line
}

func (m matrix) markdown() string {
	var b strings.Builder
	for i, line := range m.lines() {
		if line[0] == Ours {
			for j := range line {
				line[j] = "**" + line[j] + "**"
			}
		}
		b.WriteString("| " + strings.Join(line, " | ") + " |\n")
		if i == 0 {
			b.WriteString("|---" + strings.Repeat("|---:", len(line)-1) + "|\n")
		}
	}
	return b.String()
}

// even is up to where a ratio of 1 cannot be told from another one.
const even = 1.05

// losses says in what Rowhouse takes longer than the subject that ratios are to, and in what another
// subject is faster than it.
func (r *Results) losses() string {
	var b strings.Builder
	for _, v := range r.views() {
		if v.Unit != "x" || v.Chart == "" { // the ratio that the group is judged by
			continue
		}
		m := r.matrix(v)
		var lost []string
		for _, scenario := range m.scenarios {
			if l := m.loss(scenario); l != "" {
				lost = append(lost, l)
			}
		}
		if len(lost) > 0 {
			fmt.Fprintf(&b, "- %s: %s\n", v.Title, strings.Join(lost, "; "))
		}
	}
	if b.Len() == 0 {
		return "Nowhere, among the ratios below.\n"
	}
	return b.String()
}

// loss names the fastest subject of a scenario, where that is not Rowhouse by more than chance.
func (m matrix) loss(scenario string) string {
	mine := m.values[[2]string{Ours, scenario}]
	best, least := "", mine
	for _, s := range m.subjects {
		if v, measured := m.values[[2]string{s, scenario}]; measured && v < least {
			best, least = s, v
		}
	}
	if mine <= least*even {
		return ""
	}
	return fmt.Sprintf("%s %.2f (%s %.2f)", scenario, mine, best, least)
}
