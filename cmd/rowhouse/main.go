// Command rowhouse is Rowhouse's command line.
//
//	rowhouse demo      a thousand tenants on a database of the demo's own, which it removes again
//	rowhouse reflect   Go models of the tables that a database has
//	rowhouse version   which build this is
//
// Exit codes: 0 for success, 1 for what failed, 2 for wrong usage, 130 after an interrupt.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

const (
	exitFailure     = 1
	exitUsage       = 2
	exitInterrupted = 130 // 128 and the signal's number, as in shells
)

func main() {
	// Otherwise `rowhouse demo | head` would end the process before it has cleaned up.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	// After the first interrupt has its clean-up under way, a second one ends the process.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program, but for the process around it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(append([]string{}, args...)) // cobra would take nil for "those of the process"
	root.SetOut(stdout)
	root.SetErr(stderr)
	ran, err := root.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	complain(stderr, err)
	var usage *usageError
	switch {
	case errors.As(err, &usage), ran == root: // cobra's own errors, of commands that do not exist
		fmt.Fprintf(stderr, "See '%s --help'.\n", ran.CommandPath())
		return exitUsage
	case ctx.Err() != nil:
		return exitInterrupted
	}
	return exitFailure
}

// complain prints an error once, with the program's name before it, which the library's errors
// begin with already.
func complain(w io.Writer, err error) {
	fmt.Fprintf(w, "rowhouse: %s\n", strings.TrimPrefix(err.Error(), "rowhouse: "))
}

// usageError is a command line that cannot be carried out as it is.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }

func (e *usageError) Unwrap() error { return e.err }

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "rowhouse",
		Short:         "One Go struct, mapped at run time to every tenant's own tables",
		SilenceUsage:  true,
		SilenceErrors: true, // run prints them, once
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	root.AddCommand(newDemoCommand(), newReflectCommand(), newVersionCommand())
	return root
}

// noArguments is cobra.NoArgs with an error that says what to do.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return &usageError{fmt.Errorf("%s takes no arguments, only flags; %q is one", cmd.CommandPath(), args[0])}
}
