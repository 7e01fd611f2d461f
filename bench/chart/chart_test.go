package chart_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/rowhouse/rowhouse/bench/chart"
)

// TestSVG reads the drawing as XML and compares the widths of its bars.
func TestSVG(t *testing.T) {
	t.Parallel()
	bars := []chart.Bar{{Label: "a <b> & c", Value: 2, Text: "2.00"}, {Label: "ours", Value: 1, Text: "1.00", Ours: true}}
	text := chart.SVG("x & y", []chart.Panel{
		{Title: "one", Bars: bars, Mark: 1},
		{Title: "empty"},
		{Title: "none", Bars: []chart.Bar{{Label: "zero"}}},
	})
	widths := map[string][]float64{}
	for decoder := xml.NewDecoder(strings.NewReader(text)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if element, ok := token.(xml.StartElement); ok && element.Name.Local == "rect" {
			rect(t, element, widths)
		}
	}
	if len(widths["other"]) != 2 || len(widths["ours"]) != 1 {
		t.Fatalf("bars: %v", widths)
	}
	if a, b := widths["other"][0], widths["ours"][0]; a < 1.99*b || a > 2.01*b {
		t.Errorf("bars of 2 and 1 are %v and %v long", a, b)
	}
}

func rect(t *testing.T, element xml.StartElement, widths map[string][]float64) {
	t.Helper()
	var r struct {
		Class string  `xml:"class,attr"`
		Width float64 `xml:"width,attr"`
	}
	var b strings.Builder
	if err := xml.NewEncoder(&b).EncodeElement("", element); err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal([]byte(b.String()), &r); err != nil {
		t.Fatal(err)
	}
	widths[r.Class] = append(widths[r.Class], r.Width)
}
