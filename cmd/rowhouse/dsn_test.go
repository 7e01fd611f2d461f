package main

import (
	"strconv"
	"testing"
	"time"
)

func TestParseDSN(t *testing.T) {
	t.Parallel()
	for dsn, want := range map[string]string{
		"": "sqlite ", "demo.db": "sqlite demo.db", "./a/demo": "sqlite ./a/demo", "/a/b.db": "sqlite /a/b.db",
		"sqlite:demo.db": "sqlite demo.db", "sqlite:///a/b.db": "sqlite /a/b.db", "sqlite3:/a/b.db": "sqlite /a/b.db",
		`C:\demo.db`: `sqlite C:\demo.db`,

		"postgres://u:p@h:1234/d":   "postgres u p h 1234 d",
		"postgresql://u@h/d":        "postgres u  h 5432 d",
		"mysql://u:p@h:1234/d":      "mysql u p h:1234",
		"mysql://u@h":               "mysql u  h:3306",
		"mariadb://u:a%40b@[::1]/d": "mysql u a@b [::1]:3306",
		"u:p@tcp(h:1234)/d":         "mysql u p h:1234",
		"u:a/b:c@tcp(h:1234)/d":     "mysql u a/b:c h:1234",
		"root@unix(/tmp/m.sock)/":   "mysql root  /tmp/m.sock",
		"mysql://u@h/?timeout=9s":   "mysql u  h:3306 9s",
	} {
		at, err := parseDSN(dsn)
		if err != nil {
			t.Errorf("%q: %v", dsn, err)
			continue
		}
		if got := describe(at); got != want {
			t.Errorf("%q is %q, wanted %q", dsn, got, want)
		}
	}
}

// describe is a target in one line, with a timeout that is not the usual one.
func describe(at target) string {
	text, timeout := "", patience
	switch at := at.(type) {
	case sqliteTarget:
		return "sqlite " + at.path
	case postgresTarget:
		c := at.config.ConnConfig
		text = "postgres " + c.User + " " + c.Password + " " + c.Host + " " + strconv.Itoa(int(c.Port)) + " " + c.Database
		timeout = c.ConnectTimeout
	case mysqlTarget:
		text = "mysql " + at.config.User + " " + at.config.Passwd + " " + at.config.Addr
		timeout = at.config.Timeout
	}
	if timeout != patience {
		text += " " + timeout.Round(time.Second).String()
	}
	return text
}
