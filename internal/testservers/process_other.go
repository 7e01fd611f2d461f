//go:build unix && !linux

package main

import "syscall"

// dieWithParent does nothing: only Linux has parent-death signals. Elsewhere a runner that
// is killed with SIGKILL leaves its servers behind.
func dieWithParent(*syscall.SysProcAttr, syscall.Signal) {}
