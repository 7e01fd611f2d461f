package meter_test

import (
	"os/exec"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/rowhouse/rowhouse/bench/meter"
)

// TestApart asserts that this process and another have no processor in common, until that is undone.
func TestApart(t *testing.T) {
	all := processors(t, 0)
	if all.Count() < 2 {
		t.Skip("one processor is not parted")
	}
	other := exec.CommandContext(t.Context(), "sleep", "60")
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = other.Process.Kill()
		_ = other.Wait() // it was killed
	}()
	procs := runtime.GOMAXPROCS(0)
	together, err := meter.Apart()
	if err != nil {
		t.Fatal(err)
	}
	if err := meter.MoveAway([]int{other.Process.Pid}); err != nil {
		t.Error(err)
	}
	mine, theirs := processors(t, 0), processors(t, other.Process.Pid)
	for cpu := range 1024 {
		if mine.IsSet(cpu) && theirs.IsSet(cpu) {
			t.Errorf("both may use processor %d", cpu)
		}
	}
	half := all.Count() / 2
	if mine.Count() != half || theirs.Count() != half || runtime.GOMAXPROCS(0) != half {
		t.Errorf("%d processors here and %d there, %d at once, want %d", mine.Count(), theirs.Count(), runtime.GOMAXPROCS(0), half)
	}
	together()
	if again := processors(t, 0); again != all || runtime.GOMAXPROCS(0) != procs {
		t.Errorf("undone, there are %d processors of %d, %d at once", again.Count(), all.Count(), runtime.GOMAXPROCS(0))
	}
}

func processors(t *testing.T, pid int) (set unix.CPUSet) {
	t.Helper()
	if err := unix.SchedGetaffinity(pid, &set); err != nil {
		t.Fatal(err)
	}
	return set
}
