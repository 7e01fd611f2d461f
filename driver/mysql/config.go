package mysql

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	native "github.com/go-sql-driver/mysql"
)

// parse reads the home's DSN.
func parse(dsn string) (*native.Config, error) {
	config, err := native.ParseDSN(dsn)
	if err != nil {
		return nil, fmt.Errorf("mysql: the DSN: %w", err)
	}
	if config.DBName == "" {
		return nil, errors.New("mysql: the DSN names no database: it ends in /name")
	}
	if err := contradictions(dsn); err != nil {
		return nil, fmt.Errorf("mysql: the DSN: %w", err)
	}
	return settle(config), nil
}

// settle sets what the driver relies on. Times travel as text and are read in UTC; an update
// counts the rows that it found, whether or not it changed them; values never enter the text.
func settle(config *native.Config) *native.Config {
	config = config.Clone()
	config.ParseTime = true
	config.ClientFoundRows = true
	config.Loc = time.UTC
	config.InterpolateParams = false
	config.MultiStatements = false
	return config
}

// wanted are the parameters of a DSN that are not the application's to choose.
var wanted = map[string]func(value string) string{
	"parseTime":         mustBe("true", "1"),
	"clientFoundRows":   mustBe("true", "1"),
	"interpolateParams": mustBe("false", "0"),
	"multiStatements":   mustBe("false", "0"),
	"autocommit":        mustBe("true", "1", "on"),
	"loc":               mustBe("UTC"),
	"charset":           mustBeUTF8,
	"collation":         mustBeUTF8,
}

func mustBe(values ...string) func(string) string {
	return func(value string) string {
		for _, v := range values {
			if strings.EqualFold(v, value) {
				return ""
			}
		}
		return "must be " + values[0]
	}
}

// mustBeUTF8 reads a list of character sets, of which the server takes the first that it knows,
// or a collation.
func mustBeUTF8(list string) string {
	for name := range strings.SplitSeq(list, ",") {
		if name != "utf8mb4" && !strings.HasPrefix(name, "utf8mb4_") {
			return "must be utf8mb4"
		}
	}
	return ""
}

// contradictions reports all parameters of a DSN that say what the driver cannot work with. It
// reads the text, because a configuration does not tell an explicit false from none.
func contradictions(dsn string) error {
	_, query, _ := strings.Cut(dsn[strings.LastIndexByte(dsn, '/')+1:], "?")
	var errs []error
	for parameter := range strings.SplitSeq(query, "&") {
		key, value, _ := strings.Cut(parameter, "=")
		check := wanted[key]
		if check == nil {
			continue
		}
		if v, err := url.QueryUnescape(value); err == nil {
			value = strings.Trim(v, "'\"")
		}
		if wrong := check(value); wrong != "" {
			errs = append(errs, fmt.Errorf("%s=%s: it %s; leave it out", key, value, wrong))
		}
	}
	return errors.Join(errs...)
}
