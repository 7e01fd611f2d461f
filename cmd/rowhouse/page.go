package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// pageWidth is what the narrowest usual terminal shows.
const pageWidth = 79

// page is what the demo prints: short sections. The first error of writing it is kept and ends
// the demo, as when its reader is head.
type page struct {
	w     io.Writer
	bold  bool
	count int
	err   error
}

func newPage(w io.Writer) *page {
	_, plain := os.LookupEnv("NO_COLOR")
	return &page{w: w, bold: isTerminal(w) && !plain && os.Getenv("TERM") != "dumb"}
}

// section begins a numbered section.
func (p *page) section(title string) {
	p.count++
	title = fmt.Sprintf("%d  %s", p.count, title)
	if p.bold {
		title = "\x1b[1m" + title + "\x1b[0m"
	}
	p.print("\n" + title + "\n\n")
}

// linef prints a line of a section.
func (p *page) linef(format string, args ...any) {
	p.print("   " + fmt.Sprintf(format, args...) + "\n")
}

// blank prints an empty line.
func (p *page) blank() { p.print("\n") }

// prosef prints text broken between words.
func (p *page) prosef(format string, args ...any) { p.hang("", fmt.Sprintf(format, args...)) }

// hang prints text behind a label, broken between words where it is too long for the page.
func (p *page) hang(label, text string) {
	indent := utf8.RuneCountInString(label)
	for i, l := range wrap(text, pageWidth-3-indent) {
		if i > 0 {
			label = strings.Repeat(" ", indent)
		}
		p.linef("%s%s", label, l)
	}
}

func (p *page) print(text string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, text)
	}
}

// wrap breaks text between words into lines of a width, which a long word exceeds.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// thousands writes a number with commas: 1,000,000.
func thousands[N int | int64 | uint64](n N) string {
	digits := strconv.FormatUint(uint64(n), 10)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// size writes a number of bytes: 812 bytes, 252 KiB, 24.6 MiB.
func size(bytes uint64) string {
	switch {
	case bytes < 1<<10:
		return fmt.Sprintf("%d bytes", bytes)
	case bytes < 1<<20:
		return fmt.Sprintf("%d KiB", bytes>>10)
	}
	return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
}

// short writes a duration with two or three significant digits: 81 µs, 1.25 ms, 2.1 s.
func short(d time.Duration) string {
	switch {
	case d < time.Microsecond:
		return fmt.Sprintf("%d ns", d.Nanoseconds())
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d.Microseconds())
	case d < time.Second:
		return fmt.Sprintf("%.3g ms", float64(d)/float64(time.Millisecond))
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
