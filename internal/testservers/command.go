//go:build unix

package main

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// A command that has not ended this long after it was told to is killed.
const commandGrace = 10 * time.Second

// runCommand runs the command to its end, passes signals on to it, and returns its exit code.
func runCommand(spawn *spawner, args, env []string, signals <-chan os.Signal) int {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr

	// On a terminal the command stays in the foreground group, or it could not read; the
	// terminal then signals all of it. Elsewhere it leads a group of its own, so that a
	// signal sent to the runner alone reaches also what the command has started: `go test`
	// does not tell its test binaries.
	interactive := isTerminal(os.Stdin)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: !interactive}
	dieWithParent(cmd.SysProcAttr, syscall.SIGKILL)
	if err := spawn.start(cmd); err != nil {
		complain(err)
		return exitNotFound
	}
	send := func(sig syscall.Signal) { _ = cmd.Process.Signal(sig) }
	if !interactive {
		send = func(sig syscall.Signal) { _ = syscall.Kill(-cmd.Process.Pid, sig) }
	}

	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var deadline <-chan time.Time
	for {
		select {
		case err := <-ended:
			return exitCode(err)
		case sig := <-signals:
			number, ok := sig.(syscall.Signal)
			if !ok {
				continue
			}
			send(number)
			// Ctrl-C at a terminal is often the command's own business (psql, a shell).
			if deadline == nil && (!interactive || number != syscall.SIGINT) {
				deadline = time.After(commandGrace)
			}
		case <-deadline:
			send(syscall.SIGKILL)
		}
	}
}

func exitCode(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case !errors.As(err, &exit):
		complain(err)
		return exitServers
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return exitSignal + int(status.Signal())
	}
	return exit.ExitCode()
}

// isTerminal takes every character device but the null device for a terminal, which is
// near enough to choose how signals travel and needs no ioctl.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err == nil && !os.SameFile(info, null)
}
