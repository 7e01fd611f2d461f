// Package meter measures what work costs: the time that passes, processor time here and in the
// server, allocations, round trips.
package meter

import (
	"fmt"
	"runtime"
	"syscall"
	"time"
)

// Sample is what some work has cost.
type Sample struct {
	Wall   time.Duration
	Client time.Duration // processor time of this process
	Server time.Duration // processor time of the server, as far as it works for this subject
	Allocs uint64
	Bytes  uint64 // allocated
	Trips  int64
}

// Meter measures one subject's work. Only one of a process can measure at a time, and nothing else
// should be going on in it.
type Meter struct {
	Processes []int        // of the server
	Trips     func() int64 // so far
}

// Measure runs fn and returns what it has cost, unless it fails.
func (m *Meter) Measure(fn func() error) (Sample, error) {
	runtime.GC() // nobody pays for another's garbage
	before, err := m.read()
	if err != nil {
		return Sample{}, err
	}
	start := time.Now()
	if err := fn(); err != nil {
		return Sample{}, err
	}
	wall := time.Since(start)
	after, err := m.read()
	if err != nil {
		return Sample{}, err
	}
	return Sample{
		Wall:   wall,
		Client: after.Client - before.Client,
		Server: after.Server - before.Server,
		Allocs: after.Allocs - before.Allocs,
		Bytes:  after.Bytes - before.Bytes,
		Trips:  after.Trips - before.Trips,
	}, nil
}

// read returns all that counts up. The order of reading matters little: it costs microseconds.
func (m *Meter) read() (s Sample, err error) {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	s.Allocs, s.Bytes, s.Trips = memory.Mallocs, memory.TotalAlloc, m.Trips()
	for _, pid := range m.Processes {
		cpu, err := processorTime(pid)
		if err != nil {
			return s, err
		}
		s.Server += cpu
	}
	s.Client, err = ownProcessorTime()
	return s, err
}

func ownProcessorTime() (time.Duration, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, fmt.Errorf("getrusage: %w", err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
}

// Heap returns the bytes of the heap that are in use after everything unused is freed.
func Heap() uint64 {
	runtime.GC()
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return memory.HeapAlloc
}
