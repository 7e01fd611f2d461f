// Package chart draws bars as SVG, for pages that are light or dark.
package chart

import (
	"fmt"
	"html"
	"strings"
)

// Bar is one value.
type Bar struct {
	Label string
	Value float64
	Text  string // the value as it is written
	Ours  bool   // stands out
}

// Panel is bars that are compared with each other.
type Panel struct {
	Title string
	Bars  []Bar
	Mark  float64 // a value that has a line through all bars; 0 for none
}

// The measures, in pixels.
const (
	width   = 860
	margin  = 20
	gap     = 30 // between two panels
	top     = 54 // above the panels
	head    = 26 // above the bars of a panel
	row     = 20
	labels  = 150
	numbers = 64
)

// style has colours for both kinds of pages. Whoever shows the file decides which one holds.
const style = `
.ground{fill:#fff}.title{fill:#1f2328;font-weight:600;font-size:16px}.head{fill:#1f2328;font-weight:600}
.label,.number{fill:#424a53}.number{paint-order:stroke;stroke:#fff;stroke-width:4px}
.other{fill:#8c959f}.ours{fill:#0969da}.mark{stroke:#cf222e;stroke-dasharray:3 3}
text{font:13px system-ui,sans-serif}
@media (prefers-color-scheme:dark){.ground{fill:#0d1117}.title,.head{fill:#f0f6fc}.label,.number{fill:#c0c8d0}
.number{stroke:#0d1117}.other{fill:#6e7781}.ours{fill:#4493f8}.mark{stroke:#f85149}}
`

// SVG draws panels below each other, two in a row if there are several.
func SVG(title string, panels []Panel) string {
	var b strings.Builder
	columns := min(len(panels), 2)
	w := (width - 2*margin - gap*(columns-1)) / max(columns, 1)
	y := top
	var body strings.Builder
	for first := 0; first < len(panels); first += columns {
		line := panels[first:min(first+columns, len(panels))]
		tallest := 0
		for i, p := range line {
			p.draw(&body, margin+i*(w+gap), y, w)
			tallest = max(tallest, p.height())
		}
		y += tallest + gap
	}
	height := y - gap + margin
	title = html.EscapeString(title)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s">`+"\n",
		width, height, width, height, title)
	fmt.Fprintf(&b, "<title>%s</title>\n<style>%s</style>\n", title, style)
	fmt.Fprintf(&b, `<rect class="ground" width="%d" height="%d" rx="8"/>`+"\n", width, height)
	fmt.Fprintf(&b, `<text class="title" x="%d" y="34">%s</text>`+"\n", margin, title)
	b.WriteString(body.String())
	b.WriteString("</svg>\n")
	return b.String()
}

func (p Panel) height() int { return head + row*len(p.Bars) }

func (p Panel) draw(b *strings.Builder, x, y, w int) {
	longest := p.Mark
	for _, bar := range p.Bars {
		longest = max(longest, bar.Value)
	}
	if longest == 0 {
		longest = 1
	}
	scale := float64(w-labels-numbers) / longest
	fmt.Fprintf(b, `<text class="head" x="%d" y="%d">%s</text>`+"\n", x, y+14, html.EscapeString(p.Title))
	for i, bar := range p.Bars {
		bar.draw(b, x, y+head+i*row, scale)
	}
	if p.Mark > 0 {
		at := float64(x+labels) + p.Mark*scale
		fmt.Fprintf(b, `<line class="mark" x1="%.1f" y1="%d" x2="%.1f" y2="%d"/>`+"\n", at, y+head-2, at, y+p.height()-2)
	}
	for i, bar := range p.Bars { // above the line
		bar.write(b, x, y+head+i*row, scale)
	}
}

// length is never nothing, so that a bar can be seen.
func (r Bar) length(scale float64) float64 { return max(r.Value*scale, 1) }

func (r Bar) draw(b *strings.Builder, x, y int, scale float64) {
	class := "other"
	if r.Ours {
		class = "ours"
	}
	fmt.Fprintf(b, `<rect class="%s" x="%d" y="%d" width="%.1f" height="14" rx="2"/>`+"\n", class, x+labels, y+1, r.length(scale))
}

func (r Bar) write(b *strings.Builder, x, y int, scale float64) {
	fmt.Fprintf(b, `<text class="label" x="%d" y="%d" text-anchor="end">%s</text>`, x+labels-8, y+12, html.EscapeString(r.Label))
	fmt.Fprintf(b, `<text class="number" x="%.1f" y="%d">%s</text>`+"\n", float64(x+labels)+r.length(scale)+6, y+12, html.EscapeString(r.Text))
}
