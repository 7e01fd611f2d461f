//go:build unix

package main

import (
	"strings"
	"testing"
)

func TestBouncerConfig(t *testing.T) {
	t.Parallel()
	config := bouncerConfig(6001, 5001, "/tmp/users.txt")
	for _, line := range []string{
		"* = host=127.0.0.1 port=5001 auth_user=postgres",
		"listen_port = 6001",
		"pool_mode = transaction",
	} {
		if !strings.Contains(config, "\n"+line+"\n") {
			t.Errorf("no line %q in\n%s", line, config)
		}
	}
	// What it would let pass, a stricter PgBouncer in production refuses.
	if strings.Contains(config, "ignore_startup_parameters") {
		t.Error("startup parameters are ignored")
	}
}
