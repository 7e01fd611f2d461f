package main

import (
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

func TestVersion(t *testing.T) {
	t.Parallel()
	where := ", " + runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH
	released := &debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}
	worked := &debug.BuildInfo{Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.modified", Value: "true"},
	}}
	for got, want := range map[string]string{
		version(nil):      "rowhouse (devel)" + where,
		version(released): "rowhouse v1.2.3" + where,
		version(worked):   "rowhouse (devel) (0123456789ab, modified)" + where,
	} {
		if got != want {
			t.Errorf("%q, wanted %q", got, want)
		}
	}
	got := runCommand(t.Context(), "version")
	if got.code != 0 || got.stderr != "" || !strings.HasPrefix(got.stdout, "rowhouse ") || !strings.HasSuffix(got.stdout, where+"\n") {
		t.Errorf("%+v", got)
	}
}
