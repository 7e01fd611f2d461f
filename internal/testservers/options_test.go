//go:build unix

package main

import (
	"io"
	"slices"
	"testing"
)

func TestParseOptions(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args []string
		only []string // nil: refused
	}{
		"everything by default":      {[]string{"--", "go", "test", "-v"}, allNames},
		"subset":                     {[]string{"-only", "mysql, postgres", "--", "go", "test", "-v"}, []string{"mysql", "postgres"}},
		"pgbouncer needs postgres":   {[]string{"-only=pgbouncer", "--", "go", "test", "-v"}, []string{"pgbouncer", "postgres"}},
		"unknown server":             {[]string{"-only=db2", "--", "go"}, nil},
		"no command":                 {[]string{"-install"}, nil},
		"two kinds of PostgreSQL":    {[]string{"-postgres-bin=x", "-postgres-version=1", "--", "go"}, nil},
		"flags after the command":    {[]string{"go", "test", "-v"}, allNames},
		"unknown flag":               {[]string{"-nope", "--", "go"}, nil},
		"empty -only starts nothing": {[]string{"-only=", "--", "go"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts, err := parseOptions(test.args, io.Discard)
			if test.only == nil {
				if err == nil {
					t.Error("accepted")
				}
				return
			}
			if err != nil || !slices.Equal(opts.only, test.only) || !slices.Equal(opts.command, []string{"go", "test", "-v"}) {
				t.Errorf("options %+v, error %v", opts, err)
			}
		})
	}
}
