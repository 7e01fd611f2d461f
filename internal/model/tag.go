package model

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rowhouse/rowhouse/dialect"
)

// tag is a parsed db tag: a name, then options, each a word or word:value. A value may stand in
// single quotes, to hold commas; two single quotes inside them are one.
type tag struct {
	name    string
	options []string // the words seen, for has

	pk, auto, null, notNull, json      bool
	created, updated, lock, softDelete bool
	extra                              bool
	size, precision, scale             int
	kind, sqlType, prefix              string
	fallback                           *string
	result                             bool // of a type that is only read
	keyAt                              int  // place in the primary key, or 0
	indexes                            []tagIndex
	refs                               []tagRef
	checks                             []tagCheck

	early tagRef // what was said of the first reference before it
	place *int   // of what "at" belongs to
}

type tagIndex struct {
	name, where string
	unique      bool
	at          int
}

// tagRef is a reference: to a column of a model, as part of a foreign key.
type tagRef struct {
	target, key, onDelete, onUpdate string
	at                              int
}

type tagCheck struct{ expr, name string }

func (t *tag) has(option string) bool { return slices.Contains(t.options, option) }

// flags are the options without a value.
var flags = map[string]func(*tag) *bool{
	"pk":         func(t *tag) *bool { return &t.pk },
	"auto":       func(t *tag) *bool { return &t.auto },
	"null":       func(t *tag) *bool { return &t.null },
	"notnull":    func(t *tag) *bool { return &t.notNull },
	"json":       func(t *tag) *bool { return &t.json },
	"created":    func(t *tag) *bool { return &t.created },
	"updated":    func(t *tag) *bool { return &t.updated },
	"lock":       func(t *tag) *bool { return &t.lock },
	"softdelete": func(t *tag) *bool { return &t.softDelete },
	"extra":      func(t *tag) *bool { return &t.extra },
}

// numbers are the options whose value is a number.
var numbers = map[string]func(*tag) *int{
	"size":      func(t *tag) *int { return &t.size },
	"precision": func(t *tag) *int { return &t.precision },
	"scale":     func(t *tag) *int { return &t.scale },
}

// texts are the options whose value is text.
var texts = map[string]func(*tag) *string{
	"type":     func(t *tag) *string { return &t.kind },
	"sqltype":  func(t *tag) *string { return &t.sqlType },
	"prefix":   func(t *tag) *string { return &t.prefix },
	"fk":       func(t *tag) *string { return &t.reference().key },
	"ondelete": func(t *tag) *string { return &t.reference().onDelete },
	"onupdate": func(t *tag) *string { return &t.reference().onUpdate },
}

// reference is the one that the tag speaks of.
func (t *tag) reference() *tagRef {
	if len(t.refs) == 0 {
		return &t.early
	}
	return &t.refs[len(t.refs)-1]
}

// repeats are the options that a tag may have several times: a column may be in several indexes and
// foreign keys, and have several checks.
var repeats = map[string]bool{
	"index": true, "unique": true, "where": true, "ref": true, "fk": true, "ondelete": true, "onupdate": true,
	"check": true, "named": true, "at": true,
}

// actions are what a foreign key does, by the words of the tag.
var actions = map[string]string{
	"cascade": "CASCADE", "setnull": "SET NULL", "restrict": "RESTRICT", "noaction": "NO ACTION",
}

// Options lists the words that a tag may use, for messages and documentation.
func Options() []string {
	words := []string{"default", "index", "unique", "where", "ref", "check", "named", "at"}
	for w := range flags {
		words = append(words, w)
	}
	for w := range numbers {
		words = append(words, w)
	}
	for w := range texts {
		words = append(words, w)
	}
	slices.Sort(words)
	return words
}

func parseTag(text string) (t tag, problems []string) {
	parts, ok := splitTag(text)
	if !ok {
		return t, []string{"a single quote is not closed"}
	}
	t.name = strings.TrimSpace(parts[0])
	for _, part := range parts[1:] {
		word, value, valued := strings.Cut(part, ":")
		word = strings.TrimSpace(word)
		value, quoted := unquote(strings.TrimSpace(value))
		if word != "" && t.has(word) && !repeats[word] {
			problems = append(problems, fmt.Sprintf("option %q is given twice", word))
		}
		t.options = append(t.options, word)
		if p := t.set(word, value, valued, quoted); p != "" {
			problems = append(problems, p)
		}
	}
	return t, append(problems, t.contradictions()...)
}

func (t *tag) set(word, value string, valued, quoted bool) string {
	if p, ok := flags[word]; ok {
		if valued {
			return fmt.Sprintf("option %q takes no value", word)
		}
		*p(t) = true
		if word == "pk" {
			t.place = &t.keyAt
		}
		return ""
	}
	if p, ok := numbers[word]; ok {
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 || n == 0 && word != "scale" {
			return fmt.Sprintf("option %q takes a number above zero, not %q", word, value)
		}
		*p(t) = n
		return ""
	}
	if p, ok := texts[word]; ok {
		return t.setText(p(t), word, value)
	}
	switch word {
	case "ref", "check", "named", "at":
		return t.setPart(word, value)
	case "default":
		if !valued || value == "" && !quoted {
			return "option \"default\" takes a value: default:… (default:'' for an empty text)"
		}
		t.fallback = &value
	case "index", "unique":
		t.indexes = append(t.indexes, tagIndex{name: value, unique: word == "unique"})
		t.place = &t.indexes[len(t.indexes)-1].at
	case "where":
		if len(t.indexes) == 0 || value == "" || t.indexes[len(t.indexes)-1].where != "" {
			return `option "where" takes a condition and follows the index or unique that it belongs to`
		}
		t.indexes[len(t.indexes)-1].where = value
	case "":
		return "an option is empty: two commas in a row, or one at the end"
	default:
		return fmt.Sprintf("option %q is unknown; there are %s", word, strings.Join(Options(), ", "))
	}
	return ""
}

func (t *tag) setText(to *string, word, value string) string {
	switch {
	case value == "":
		return fmt.Sprintf("option %q takes a value: %s:…", word, word)
	case *to != "":
		return fmt.Sprintf("option %q is given twice", word)
	}
	*to = value
	return t.checkText(to, word, value)
}

// setPart takes what a column has any number of, and what belongs to the one before.
func (t *tag) setPart(word, value string) string {
	if value == "" {
		return fmt.Sprintf("option %q takes a value: %s:…", word, word)
	}
	switch word {
	case "ref":
		t.refs = append(t.refs, tagRef{target: value})
		r := t.reference()
		if len(t.refs) == 1 {
			*r = t.early
			r.target = value
		}
		t.place = &r.at
		table, column, ok := strings.Cut(value, ".")
		if !ok || badName(table) != "" || badName(column) != "" {
			return fmt.Sprintf("ref %q is not of the form model.column", value)
		}
	case "check":
		t.checks = append(t.checks, tagCheck{expr: value})
	case "named":
		if len(t.checks) == 0 || t.checks[len(t.checks)-1].name != "" {
			return `option "named" follows the check that it names; foreign keys are named by fk, indexes by themselves`
		}
		t.checks[len(t.checks)-1].name = value
	case "at":
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || t.place == nil || *t.place != 0 {
			return `option "at" takes a place from 1 on, and follows the pk, index, unique or ref that it belongs to`
		}
		*t.place = n
	}
	return ""
}

func (t *tag) checkText(to *string, word, value string) string {
	switch word {
	case "type":
		if _, ok := dialect.ParseKind(value); !ok {
			return fmt.Sprintf("type %q is unknown; for a type of one engine use sqltype:…", value)
		}
	case "ondelete", "onupdate":
		action, ok := actions[value]
		if !ok {
			return fmt.Sprintf("%s:%s is unknown; there are cascade, setnull, restrict, noaction", word, value)
		}
		*to = action
	}
	return ""
}

func (t *tag) contradictions() (problems []string) {
	says := func(bad bool, problem string) {
		if bad {
			problems = append(problems, problem)
		}
	}
	says(t.null && t.notNull, "it cannot be both null and notnull")
	says(t.null && t.pk, "a primary key cannot be null")
	says(t.created && t.updated, "updated times are set at the insert too; leave out created")
	says(t.auto && !t.pk, "auto needs pk")
	says(t.auto && t.fallback != nil, "auto and default exclude each other")
	says(t.kind != "" && t.sqlType != "", "type and sqltype exclude each other")
	says(len(t.refs) == 0 && t.has("fk"), "fk needs ref")
	says(len(t.refs) == 0 && (t.has("ondelete") || t.has("onupdate")), "ondelete and onupdate need ref")
	says(t.scale > 0 && t.precision == 0, "scale needs precision")
	says(t.precision > 0 && t.scale > t.precision, "scale is greater than precision")
	return problems
}

// splitTag splits at commas outside single quotes; ok is false when a quote is not closed.
func splitTag(text string) (parts []string, ok bool) {
	start, quoted := 0, false
	for i := range len(text) {
		switch {
		case text[i] == '\'':
			quoted = !quoted
		case text[i] == ',' && !quoted:
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:]), !quoted
}

// unquote takes off the quotes around the whole of s. In 'a' = 'b' there are none.
func unquote(s string) (value string, quoted bool) {
	if len(s) < 2 || s[0] != '\'' || s[len(s)-1] != '\'' {
		return s, false
	}
	inner := s[1 : len(s)-1]
	if strings.Contains(strings.ReplaceAll(inner, "''", ""), "'") {
		return s, false
	}
	return strings.ReplaceAll(inner, "''", "'"), true
}
