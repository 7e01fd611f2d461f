package meter_test

import (
	"os/exec"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/rowhouse/rowhouse/bench/meter"
)

// TestApart asserts that this process and another have no processor in common, until that is undone; and that one
// processor is left to both.
func TestApart(t *testing.T) {
	all := processors(t, 0)
	each, parted := all.Count()/2, all.Count() > 1
	if !parted {
		each = 1
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
		if parted && mine.IsSet(cpu) && theirs.IsSet(cpu) {
			t.Errorf("both may use processor %d", cpu)
		}
	}
	if mine.Count() != each || theirs.Count() != each || runtime.GOMAXPROCS(0) != min(procs, each) {
		t.Errorf("%d processors here and %d there, %d at once, want %d", mine.Count(), theirs.Count(), runtime.GOMAXPROCS(0), each)
	}
	together()
	if again := processors(t, 0); again != all || runtime.GOMAXPROCS(0) != procs {
		t.Errorf("undone, there are %d processors of %d, %d at once", again.Count(), all.Count(), runtime.GOMAXPROCS(0))
	}
	if again := processors(t, other.Process.Pid); again != all {
		t.Errorf("undone, the other has %d processors of %d", again.Count(), all.Count())
	}
}

func processors(t *testing.T, pid int) (set unix.CPUSet) {
	t.Helper()
	if err := unix.SchedGetaffinity(pid, &set); err != nil {
		t.Fatal(err)
	}
	return set
}
