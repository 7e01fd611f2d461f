//go:build unix

package main

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// having looks up programs on a machine that has just these.
func having(programs ...string) func(string) (string, error) {
	return func(name string) (string, error) {
		if slices.Contains(programs, name) {
			return "/usr/bin/" + name, nil
		}
		return "", errors.New("not found")
	}
}

func TestAptCommands(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		root bool
		look func(string) (string, error)
		want string // start of the commands, or an error
	}{
		"root":         {true, having("apt-get"), "env DEBIAN_FRONTEND=noninteractive apt-get"},
		"user":         {false, having("apt-get", "sudo"), "sudo env DEBIAN_FRONTEND=noninteractive apt-get"},
		"no sudo":      {false, having("apt-get"), "-install needs root or sudo"},
		"not a Debian": {true, having("sudo"), "-install needs apt-get"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			commands, err := aptCommands([]string{"one", "two"}, test.root, test.look)
			if err != nil {
				if err.Error() != test.want {
					t.Errorf("error %v, want %s", err, test.want)
				}
				return
			}
			for i, end := range []string{" update", " install -y --no-install-recommends one two"} {
				line := strings.Join(commands[i], " ")
				if !strings.HasPrefix(line, test.want+" ") || !strings.HasSuffix(line, end) {
					t.Errorf("command %q", line)
				}
			}
		})
	}
}

func TestMissingSaysWhatToInstall(t *testing.T) {
	t.Parallel()
	text := missing("one two", "a server").Error()
	for _, part := range []string{"a server", "-install", "apt-get install one two"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q does not say %q", text, part)
		}
	}
}
