// Package modelcode measures what the compiler makes of a model.
package modelcode

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// The methods of a generic type are compiled for every model, used or not, each as four functions. So an
// application pays for what is a method of Table, Query or Column, in time, in memory and in its binary, as
// often as it has models; see docs/design.md. These bounds are a little above what it was last.
const (
	mostFunctions = 1150
	mostBytes     = 440_000
)

// TestModelCode compares packages of two models and of one.
func TestModelCode(t *testing.T) {
	t.Parallel()
	functions, bytes := codeOf(t, "./testdata/two")
	less, fewer := codeOf(t, "./testdata/one")
	functions, bytes = functions-less, bytes-fewer
	t.Logf("a model with columns of two types: %d functions, %d bytes of code before linking", functions, bytes)
	if functions > mostFunctions || bytes > mostBytes {
		t.Errorf("a model takes %d functions and %d bytes of code; %d and %d are the most. Is there a method that could be a function?",
			functions, bytes, mostFunctions, mostBytes)
	}
	if functions < 100 {
		t.Errorf("a model takes %d functions: is something else measured?", functions)
	}
}

// codeOf counts what is compiled for a package.
func codeOf(t *testing.T, pkg string) (functions, bytes int) {
	t.Helper()
	export := run(t, "go", "list", "-export", "-f", "{{.Export}}", pkg)
	for line := range strings.Lines(run(t, "go", "tool", "nm", "-size", strings.TrimSpace(export))) {
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.EqualFold(fields[2], "t") {
			continue
		}
		size, err := strconv.Atoi(fields[1])
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		functions, bytes = functions+1, bytes+size
	}
	return functions, bytes
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).Output()
	if err != nil {
		t.Fatalf("%s %v: %v", name, args, err)
	}
	return string(out)
}
