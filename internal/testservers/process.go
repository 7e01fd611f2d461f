//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// A spawner starts every process from one OS thread that lives as long as the runner.
// Linux sends a child's parent-death signal when the thread that made it ends, and Go ends
// threads as it likes: a server started from any goroutine could be killed in mid-run.
type spawner struct{ requests chan spawnRequest }

type spawnRequest struct {
	cmd   *exec.Cmd
	reply chan error
}

func newSpawner() *spawner {
	s := &spawner{requests: make(chan spawnRequest)}
	go func() {
		// Never unlocked and never returning: a locked goroutine that returned would
		// take its thread along.
		runtime.LockOSThread()
		for r := range s.requests {
			r.reply <- r.cmd.Start()
		}
	}()
	return s
}

func (s *spawner) start(cmd *exec.Cmd) error {
	r := spawnRequest{cmd: cmd, reply: make(chan error, 1)}
	s.requests <- r
	return <-r.reply
}

// A process is a child that writes to a log file of its own.
type process struct {
	name string
	cmd  *exec.Cmd
	log  string        // path
	done chan struct{} // closed when it has ended and err is set
	err  error
}

// startProcess runs cmd as account (nil: as the runner) in a process group of its own, out
// of reach of a terminal's Ctrl-C, which is the runner's to handle. When the runner is
// killed the process gets orphaned instead.
func startProcess(s *spawner, name string, cmd *exec.Cmd, as *account, log string, orphaned syscall.Signal) (*process, error) {
	file, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer file.Close() // the child has its own
	cmd.Env = serverEnv()
	cmd.Stdout, cmd.Stderr = file, file
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: as.credential()}
	dieWithParent(cmd.SysProcAttr, orphaned)
	if err := s.start(cmd); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	p := &process{name: name, cmd: cmd, log: log, done: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// serverEnv keeps the caller's PGPORT, MYSQL_HOME, locale and the like away from servers.
func serverEnv() []string {
	return []string{"PATH=" + os.Getenv("PATH") + ":" + strings.Join(adminDirs, ":"), "LC_ALL=C", "TZ=UTC"}
}

func (p *process) running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// wait waits for a process that should end by itself, such as initdb.
func (p *process) wait(ctx context.Context) error {
	select {
	case <-p.done:
	case <-ctx.Done():
		p.kill()
		return ctx.Err()
	}
	if p.err != nil {
		return p.failure()
	}
	return nil
}

// stop asks with sig and insists with SIGKILL.
func (p *process) stop(sig syscall.Signal, grace time.Duration) {
	_ = p.cmd.Process.Signal(sig) // fails only when it has ended
	select {
	case <-p.done:
	case <-time.After(grace):
		p.kill()
	}
}

// kill ends the whole group: mariadb-install-db is a shell script over a server.
func (p *process) kill() {
	if p.running() {
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	}
	<-p.done
}

// failure says how the process ended and what it last said.
func (p *process) failure() error {
	how := "exit status 0"
	if p.err != nil {
		how = p.err.Error()
	}
	return fmt.Errorf("%s ended: %s\n%s", p.name, how, tail(p.log, 30))
}

// tail returns the last lines of a file, indented.
func tail(path string, lines int) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return "\t(no log: " + err.Error() + ")"
	}
	all := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	all = all[max(0, len(all)-lines):]
	return "\t" + strings.Join(all, "\n\t")
}
