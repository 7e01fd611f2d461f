//go:build unix

package main

import (
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// watchSignals delivers what should end the run.
func watchSignals() <-chan os.Signal {
	ch := make(chan os.Signal, 4)
	signal.Notify(ch, syscall.SIGINT, syscall.SIGTERM)
	// Notify would undo nohup.
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(ch, syscall.SIGHUP)
	}
	if goRun := os.Getppid(); isGoCommand(goRun) {
		go watchParent(goRun, ch)
	}
	return ch
}

// watchParent stands in for the signals that `go run` does not pass on: it dies of SIGTERM
// without a word to the program it runs, and the orphan would hold the servers until its
// command ends by itself.
func watchParent(pid int, ch chan<- os.Signal) {
	for os.Getppid() == pid {
		time.Sleep(200 * time.Millisecond)
	}
	ch <- syscall.SIGTERM
}

// isGoCommand answers false where there is no /proc; the run then lacks only watchParent.
func isGoCommand(pid int) bool {
	name, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm")
	return err == nil && strings.TrimSpace(string(name)) == "go"
}
