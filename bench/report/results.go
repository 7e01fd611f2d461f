// Package report keeps what was measured, and shows it: as a table for a terminal, as Markdown, as
// charts.
package report

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// Row is one figure.
type Row struct {
	Scenario string  `json:"scenario"` // group/operation
	Subject  string  `json:"subject"`
	Metric   string  `json:"metric"`
	Value    float64 `json:"value"`
}

// Results are all figures of a run, with what they were measured on.
type Results struct {
	Date     string            `json:"date"`
	Short    bool              `json:"short"` // too few rounds to be quoted
	Machine  Machine           `json:"machine"`
	Versions map[string]string `json:"versions"`
	Tenants  map[string]int    `json:"tenants"` // of each group
	Subjects []Subject         `json:"subjects"`
	Rows     []Row             `json:"rows"`
}

// Machine is what the run was on, servers included.
type Machine struct {
	OS   string `json:"os"`
	CPU  string `json:"cpu"`
	CPUs int    `json:"cpus"`
}

// Subject is who was measured on an engine.
type Subject struct {
	Engine string `json:"engine"`
	Name   string `json:"name"`
	How    string `json:"how"`
}

// New returns results without figures, of this machine and this program.
func New(short bool) *Results {
	r := &Results{
		Date:     time.Now().UTC().Format(time.DateOnly),
		Short:    short,
		Machine:  Machine{osName(), cpuModel(), runtime.NumCPU()},
		Versions: map[string]string{"go": strings.TrimPrefix(runtime.Version(), "go")},
		Tenants:  map[string]int{},
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if name, shown := compared[m.Path]; shown {
				r.Versions[name] = strings.TrimPrefix(m.Version, "v")
			}
		}
	}
	return r
}

// compared are the modules whose versions matter.
var compared = map[string]string{
	"entgo.io/ent":                   "ent",
	"github.com/go-sql-driver/mysql": "go-sql-driver/mysql",
	"github.com/jackc/pgx/v5":        "pgx",
	"github.com/uptrace/bun":         "bun",
	"gorm.io/gorm":                   "gorm",
}

func osName() string {
	text, err := os.ReadFile("/etc/os-release")
	if err != nil {
		return runtime.GOOS
	}
	return after(string(text), "PRETTY_NAME=", runtime.GOOS)
}

func cpuModel() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	return after(string(text), "model name\t: ", runtime.GOARCH)
}

// after returns what follows a key on its line, or something else if there is no such line.
func after(text, key, otherwise string) string {
	_, rest, found := strings.Cut(text, key)
	if !found {
		return otherwise
	}
	line, _, _ := strings.Cut(rest, "\n")
	return strings.Trim(line, `" `)
}

// Add appends a figure, rounded to four significant digits: there is no more in it.
func (r *Results) Add(scenario, subject, metric string, value float64) {
	r.Rows = append(r.Rows, Row{scenario, subject, metric, significant(value)})
}

func significant(v float64) float64 {
	if v == 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return 0
	}
	scale := math.Pow(10, 3-math.Floor(math.Log10(math.Abs(v))))
	return math.Round(v*scale) / scale
}

// Read reads what Write wrote.
func Read(path string) (*Results, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := &Results{}
	return r, json.Unmarshal(text, r)
}

// Write writes the results as JSON, a row on a line, so that two runs can be compared as texts.
func (r *Results) Write(path string) error {
	rows := r.Rows
	head := *r
	head.Rows = []Row{}
	text, err := json.MarshalIndent(head, "", "\t")
	if err != nil {
		return err
	}
	lines := make([]string, len(rows))
	for i := range rows {
		line, err := json.Marshal(rows[i])
		if err != nil {
			return err
		}
		lines[i] = "\t\t" + string(line)
	}
	list := `"rows": [` + "\n" + strings.Join(lines, ",\n") + "\n\t]"
	return create(path, strings.Replace(string(text), `"rows": []`, list, 1)+"\n")
}

// create writes a file, and the directory that it is in.
func create(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // it is for everybody to read
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644) //nolint:gosec // likewise
}
