package report_test

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/rowhouse/rowhouse/bench/report"
)

// results are of an imaginary run.
func results() *report.Results {
	r := report.New(true)
	r.Tenants["postgres/many"] = 1000
	r.Subjects = []report.Subject{{Engine: "postgres", Name: "pgx", How: "by hand"}}
	r.Add("postgres/one/get", "rowhouse", "wall_x", 0.912345)
	r.Add("postgres/one/get", "pgx", "wall_x", 1)
	r.Add("postgres/one/get", "gorm", "wall_x", 1.5)
	r.Add("postgres/one/update", "rowhouse", "wall_x", 1.3)
	r.Add("postgres/one/update", "pgx", "wall_x", 1)
	r.Add("postgres/many/get", "rowhouse", "cpu_x", 1.04)
	r.Add("postgres/many/get", "pgx", "cpu_x", 1)
	r.Add("postgres/all/count", "rowhouse", "wall_us", 12345.678)
	r.Add("postgres/many/afterwards", "rowhouse", "server_mib", 17.25)
	r.Add("mapping/five models/10,000 tenants", "rowhouse", "bytes_tenant", 1234.6)
	return r
}

func TestResultsComeBack(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "latest.json")
	want := results()
	if err := want.Write(path); err != nil {
		t.Fatal(err)
	}
	got, err := report.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read  %+v\nwrote %+v", got, want)
	}
}

func TestPublish(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	page, images := filepath.Join(dir, "docs", "benchmarks.md"), filepath.Join(dir, "docs", "img")
	if err := results().Publish(page, images); err != nil { // makes the page
		t.Fatal(err)
	}
	first, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	surrounded := "before\n" + string(first) + "after\n"
	if err := os.WriteFile(page, []byte(surrounded), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := results().Publish(page, images); err != nil { // replaces what is between the markers
		t.Fatal(err)
	}
	second, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(second) != surrounded {
		t.Errorf("the page changed from\n%s\nto\n%s", surrounded, second)
	}
	for _, want := range []string{
		"| **rowhouse** | **0.91** | **1.30** |",
		"| gorm | 1.50 | – |",
		"one tenant: time, × pgx: update 1.30 (pgx 1.00)\n", // and not get, and not what is even
		"1,000 tenants in turn",
		"**12.35**",
		"**1,235**",
		"(img/postgres-one.svg)",
		"| postgres | pgx | by hand |",
		"not for quoting",
	} {
		if !strings.Contains(string(second), want) {
			t.Errorf("no %q in\n%s", want, second)
		}
	}
	drawn, err := os.ReadFile(filepath.Join(images, "postgres-one.svg"))
	if err != nil || !bytes.Contains(drawn, []byte(">0.91<")) {
		t.Errorf("%v: %s", err, drawn)
	}
}

func TestPublishNeedsMarkers(t *testing.T) {
	t.Parallel()
	page := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(page, []byte("by hand\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := results().Publish(page, t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "the tables' place is missing") {
		t.Errorf("%v", err)
	}
	if text, _ := os.ReadFile(page); string(text) != "by hand\n" {
		t.Errorf("the page is now %s", text)
	}
}
