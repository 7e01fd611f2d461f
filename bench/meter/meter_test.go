package meter_test

import (
	"os"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse/bench/meter"
)

var kept [][]byte

func TestMeasure(t *testing.T) {
	trips := int64(3)
	m := meter.Meter{Processes: []int{os.Getpid()}, Trips: func() int64 { return trips }}
	const busy = 50 * time.Millisecond
	sample, err := m.Measure(func() error {
		kept = nil
		for range 1000 {
			kept = append(kept, make([]byte, 1000))
		}
		for start := time.Now(); time.Since(start) < busy; { // it is the work
		}
		trips += 7
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if sample.Wall < busy {
		t.Errorf("%s passed, want at least %s", sample.Wall, busy)
	}
	// This process is its own server here. It may have had a small part of the processor.
	if sample.Client <= 0 || sample.Server <= 0 {
		t.Errorf("busy for %s: client %s, server %s", busy, sample.Client, sample.Server)
	}
	if sample.Allocs < 1000 || sample.Bytes < 1_000_000 {
		t.Errorf("%d allocations of %d bytes, want 1000 of 1000 and some", sample.Allocs, sample.Bytes)
	}
	if sample.Trips != 7 {
		t.Errorf("%d trips, want 7", sample.Trips)
	}
}

func TestMemory(t *testing.T) {
	bytes, err := meter.Memory(os.Getpid())
	if err != nil || bytes < 1<<20 {
		t.Errorf("%d bytes, %v", bytes, err)
	}
	if _, err := meter.Memory(-1); err == nil {
		t.Error("no error for no process")
	}
}
