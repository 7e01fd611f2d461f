// Package depgolden has one test: that no package of this module gained a dependency
// unnoticed. The data path must stay free of planners, command lines and web servers, and a
// single careless import is enough to end that.
package depgolden

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write deps.golden instead of comparing with it")

const golden = "deps.golden"

const header = `# The modules beyond the standard library that end up in a program which imports a package
# of this module. "=" marks those that the package itself imports; the others come along
# with something else. Packages that need none are left out. Versions are in go.mod. Tests'
# own imports do not count.
#
# Rewrite with: go test ./internal/depgolden -update
`

func TestDependencies(t *testing.T) {
	t.Parallel()
	packages, err := list()
	if err != nil {
		t.Fatal(err)
	}
	got := header + render(packages)
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatalf("%v; run: go test ./internal/depgolden -update", err)
	}
	if got != string(want) {
		t.Errorf("dependencies changed; if that is intended, run: go test ./internal/depgolden -update\n%s",
			compare(string(want), got))
	}
}

// pkg is what is needed of `go list -json`.
type pkg struct {
	ImportPath string   `json:"ImportPath"`
	Imports    []string `json:"Imports"`
	Deps       []string `json:"Deps"` // transitive
	Module     *struct {
		Path string `json:"Path"`
		Main bool   `json:"Main"`
	} `json:"Module"`
	Error *struct {
		Err string `json:"Err"`
	} `json:"Error"`
}

// list describes the module's packages and all that they import, as seen on one platform,
// so that the answer does not depend on whose machine asks.
func list() (map[string]pkg, error) {
	cmd := exec.Command("go", "list", "-C", "../..", "-deps",
		"-json=ImportPath,Imports,Deps,Module,Error", "./...")
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0", "GOWORK=off")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	packages := map[string]pkg{}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages, nil
		}
		if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		if p.Error != nil {
			return nil, fmt.Errorf("go list: %s: %s", p.ImportPath, p.Error.Err)
		}
		packages[p.ImportPath] = p
	}
}

func render(packages map[string]pkg) string {
	var b strings.Builder
	for _, path := range slices.Sorted(maps.Keys(packages)) {
		p := packages[path]
		if p.Module == nil || !p.Module.Main {
			continue
		}
		direct := modules(packages, p.Imports)
		all := modules(packages, p.Deps)
		if len(all) > 0 {
			fmt.Fprintf(&b, "\n%s\n", path)
		}
		for _, module := range slices.Sorted(maps.Keys(all)) {
			mark := " "
			if direct[module] {
				mark = "="
			}
			fmt.Fprintf(&b, "\t%s %s\n", mark, module)
		}
	}
	return b.String()
}

// modules are those that the packages with these paths come from, except the standard
// library (which has no module) and this one.
func modules(packages map[string]pkg, paths []string) map[string]bool {
	found := map[string]bool{}
	for _, path := range paths {
		if m := packages[path].Module; m != nil && !m.Main {
			found[m.Path] = true
		}
	}
	return found
}

// compare shows the lines that only one side has, each with its package.
func compare(want, got string) string {
	old, current := facts(want), facts(got)
	var b strings.Builder
	for _, fact := range slices.Sorted(maps.Keys(old)) {
		if !current[fact] {
			fmt.Fprintf(&b, "\t- %s\n", fact)
		}
	}
	for _, fact := range slices.Sorted(maps.Keys(current)) {
		if !old[fact] {
			fmt.Fprintf(&b, "\t+ %s\n", fact)
		}
	}
	return b.String()
}

func facts(text string) map[string]bool {
	found := map[string]bool{}
	current := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "\t"):
			found[current+": "+strings.TrimSpace(line)] = true
		default:
			current = line
			found[current] = true
		}
	}
	return found
}
