package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestNumbers(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		thousands(0): "0", thousands(999): "999", thousands(1000): "1,000", thousands(1234567): "1,234,567",
		thousands(uint64(100_000)): "100,000",

		short(999): "999 ns", short(81_400): "81 µs", short(1_250_000): "1.25 ms", short(950 * time.Millisecond): "950 ms",
		short(2100 * time.Millisecond): "2.1 s", short(75 * time.Second): "75.0 s",

		size(812): "812 bytes", size(258_000): "251 KiB", size(25_800_000): "24.6 MiB",
	} {
		if got != want {
			t.Errorf("%q, wanted %q", got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	got := strings.Join(wrap("one two three  überlangeswort four", 9), "|")
	if want := "one two|three|überlangeswort|four"; got != want {
		t.Errorf("%q, wanted %q", got, want)
	}
}

func TestProgressOnATerminal(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	p := newProgress(&b, "provisioning", 100_000)
	p.terminal = true
	p.began = time.Now().Add(-10 * time.Second)
	p.set(50_000)
	p.set(49_999) // overtaken
	p.end()
	want := clearLine + "provisioning ███████████████░░░░░░░░░░░░░░░ 50,000/100,000  10s left" + clearLine
	if b.String() != want {
		t.Errorf("%q, wanted %q", b.String(), want)
	}
}

func TestProgressElsewhere(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	p := newProgress(&b, "working", 1234)
	for range 1234 {
		p.add()
	}
	p.end()
	if n := strings.Count(b.String(), "\n"); n != 10 || strings.ContainsRune(b.String(), '\r') {
		t.Errorf("%d lines, wanted 10:\n%s", n, b.String())
	}
	mustSay(t, b.String(), "working: 10% (124 of 1,234)\n", "working: 100% (1,234 of 1,234)\n")
}
