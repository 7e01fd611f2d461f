package main

import "syscall"

// dieWithParent asks the kernel to send sig when the runner dies, SIGKILL included.
func dieWithParent(attr *syscall.SysProcAttr, sig syscall.Signal) { attr.Pdeathsig = sig }
