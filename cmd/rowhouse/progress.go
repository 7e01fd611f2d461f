package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

const (
	barCells    = 30
	redrawEvery = 50 * time.Millisecond
	clearLine   = "\r\x1b[K"
)

// progress shows how far a stage of the demo is: a bar that redraws itself on a terminal, and
// elsewhere a line for each tenth. It is used by many goroutines at once.
type progress struct {
	w        io.Writer
	terminal bool
	what     string
	total    int
	began    time.Time

	mu    sync.Mutex
	done  int
	drawn time.Time // when the bar was drawn last
	tenth int       // that was printed last
}

func newProgress(w io.Writer, what string, total int) *progress {
	return &progress{w: w, terminal: isTerminal(w), what: what, total: total, began: time.Now()}
}

// isTerminal reports whether w is a device that shows characters. The null device is one too, on
// some systems; what it is shown does not matter.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// add counts one more as done.
func (p *progress) add() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.show(p.done + 1)
}

// set says how many are done.
func (p *progress) set(done int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.show(done)
}

func (p *progress) show(done int) {
	if done <= p.done {
		return // reports may overtake each other
	}
	p.done = done
	if !p.terminal {
		if tenth := done * 10 / p.total; tenth > p.tenth {
			p.tenth = tenth
			fmt.Fprintf(p.w, "%s: %d%% (%s of %s)\n", p.what, tenth*10, thousands(done), thousands(p.total))
		}
		return
	}
	now := time.Now()
	if now.Sub(p.drawn) < redrawEvery {
		return
	}
	p.drawn = now
	fmt.Fprint(p.w, clearLine+p.bar(now))
}

// bar is at most 79 columns wide.
func (p *progress) bar(now time.Time) string {
	full := barCells * p.done / p.total
	elapsed := now.Sub(p.began)
	left := ""
	if elapsed > time.Second {
		rest := time.Duration(float64(elapsed) * float64(p.total-p.done) / float64(p.done))
		left = fmt.Sprintf("  %v left", rest.Round(time.Second))
	}
	return fmt.Sprintf("%-12s %s%s %s/%s%s", p.what, strings.Repeat("█", full),
		strings.Repeat("░", barCells-full), thousands(p.done), thousands(p.total), left)
}

// end takes the bar away, so that what follows begins on a clean line.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.terminal {
		fmt.Fprint(p.w, clearLine)
	}
}
