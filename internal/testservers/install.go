//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// adminDirs hold servers, and are often not in a plain user's PATH.
var adminDirs = []string{"/usr/sbin", "/usr/local/sbin", "/sbin", "/opt/homebrew/bin", "/usr/local/bin"}

// missingError is the programs that were not found, and the Debian packages that have them.
type missingError struct {
	programs []string
	packages []string
	other    error // found, but unusable
}

func missing(packages string, programs ...string) error {
	return &missingError{programs: programs, packages: strings.Fields(packages)}
}

func (e *missingError) Error() string {
	return fmt.Sprintf("not installed: %s; on Debian and Ubuntu run testservers with -install, or: apt-get install %s; "+
		"elsewhere put them into PATH",
		strings.Join(e.programs, ", "), strings.Join(e.packages, " "))
}

// install gets the packages with apt-get. Debian may start a service of its own for some of
// them; it is neither used nor stopped here.
func (e *missingError) install(ctx context.Context) error {
	commands, err := aptCommands(e.packages, os.Geteuid() == 0, exec.LookPath)
	if err != nil {
		return fmt.Errorf("%w; %w", e, err)
	}
	for _, args := range commands {
		fmt.Fprintln(os.Stderr, "testservers:", strings.Join(args, " "))
		cmd := exec.CommandContext(ctx, args[0], args[1:]...)
		cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr // stdout is the command's
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%s: %w", strings.Join(args, " "), err)
		}
	}
	return nil
}

// aptCommands is what to run to get the packages.
func aptCommands(packages []string, root bool, look func(string) (string, error)) ([][]string, error) {
	if _, err := look("apt-get"); err != nil {
		return nil, errors.New("-install needs apt-get")
	}
	prefix := []string{"env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"}
	if !root {
		if _, err := look("sudo"); err != nil {
			return nil, errors.New("-install needs root or sudo")
		}
		prefix = append([]string{"sudo"}, prefix...)
	}
	// Two runs side by side wait for each other instead of failing.
	prefix = append(prefix, "-o", "DPkg::Lock::Timeout=300")
	return [][]string{
		append(slices.Clone(prefix), "update"),
		append(append(slices.Clone(prefix), "install", "-y", "--no-install-recommends"), packages...),
	}, nil
}

// findProgram looks through PATH and adminDirs.
func findProgram(name string) (string, bool) {
	if path, err := exec.LookPath(name); err == nil {
		return path, true
	}
	for _, dir := range adminDirs {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, true
		}
	}
	return "", false
}
