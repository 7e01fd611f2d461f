//go:build unix

package main

import (
	"errors"
	"net"
)

const loopback = "127.0.0.1"

// freePort returns a port that nobody listens on right now; somebody may by the time that a
// server gets there, and farm.serve then tries another.
func freePort() (int, error) {
	l, err := net.Listen("tcp4", loopback+":0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return 0, errors.New("no TCP address on a TCP listener")
	}
	return addr.Port, nil
}
