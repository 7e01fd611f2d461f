package meter

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// Apart has this process keep to the first half of the processors that it may use, as if the server were on another
// machine. Where the kernel may put both on one processor or on two, a statement takes 30 µs or 100, by chance. It
// returns what undoes that, and with it what [MoveAway] has done to the server's processes; on one processor there is
// nothing to do.
func Apart() (undo func(), err error) {
	client, _, all, err := halves()
	if err != nil {
		return nil, err
	}
	if client.Count() == 0 {
		return func() {}, nil
	}
	before := runtime.GOMAXPROCS(0)
	runtime.GOMAXPROCS(min(before, client.Count())) // fewer where a quota says so
	undo = func() {
		for pid, before := range moved {
			_ = keepTo(pid, &before) // it may have ended
		}
		clear(moved)
		_ = keepTo(os.Getpid(), all) // where it has been before
		runtime.GOMAXPROCS(before)
	}
	if err := keepTo(os.Getpid(), client); err != nil {
		undo()
		return nil, err
	}
	return undo, nil
}

// MoveAway has processes keep to the second half of the processors, where the kernel lets this one say so.
func MoveAway(pids []int) error {
	_, server, _, err := halves()
	if err != nil || server.Count() == 0 {
		return err
	}
	for _, pid := range pids {
		var before unix.CPUSet
		switch err := unix.SchedGetaffinity(pid, &before); {
		case errors.Is(err, unix.ESRCH):
			continue // it has ended
		case err != nil:
			return fmt.Errorf("the processors of process %d: %w", pid, err)
		}
		if err := keepTo(pid, server); err != nil && !errors.Is(err, unix.EPERM) {
			return err
		}
		if _, known := moved[pid]; !known {
			moved[pid] = before
		}
	}
	return nil
}

// moved are the processes that MoveAway has moved, and the processors that each might use before.
var moved = map[int]unix.CPUSet{}

// allowed is what this process may use, before it keeps to a part of it.
var allowed unix.CPUSet

// halves are the processors of the client and of the server: none if there is only one.
func halves() (client, server, all *unix.CPUSet, err error) {
	if allowed.Count() == 0 {
		if err := unix.SchedGetaffinity(0, &allowed); err != nil {
			return nil, nil, nil, fmt.Errorf("the processors of this process: %w", err)
		}
	}
	client, server, all = &unix.CPUSet{}, &unix.CPUSet{}, &allowed
	half := all.Count() / 2
	for cpu, n := 0, 0; n < 2*half; cpu++ {
		if !all.IsSet(cpu) {
			continue
		}
		if n < half {
			client.Set(cpu)
		} else {
			server.Set(cpu)
		}
		n++
	}
	return client, server, all, nil
}

// keepTo has all threads of a process keep to some processors, and those that they start.
func keepTo(pid int, set *unix.CPUSet) error {
	for range 2 { // once more for those that were started meanwhile
		threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
		if err != nil {
			return err
		}
		for _, path := range threads {
			thread, err := strconv.Atoi(filepath.Base(path))
			if err != nil {
				return err
			}
			if err := unix.SchedSetaffinity(thread, set); err != nil && err != unix.ESRCH {
				return fmt.Errorf("process %d cannot be kept to some of the processors: %w", pid, err)
			}
		}
	}
	return nil
}
