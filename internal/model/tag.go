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

	pk, auto, null, notNull, json       bool
	created, updated, lock, softDelete  bool
	extra                               bool
	size, precision, scale              int
	kind, sqlType, prefix, check        string
	ref, foreignKey, onDelete, onUpdate string
	fallback                            *string
	result                              bool // of a type that is only read
	indexes                             []tagIndex
}

type tagIndex struct {
	name, where string
	unique      bool
}

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
	"check":    func(t *tag) *string { return &t.check },
	"ref":      func(t *tag) *string { return &t.ref },
	"fk":       func(t *tag) *string { return &t.foreignKey },
	"ondelete": func(t *tag) *string { return &t.onDelete },
	"onupdate": func(t *tag) *string { return &t.onUpdate },
}

// repeats are the options that a tag may have several times: it may be in several indexes.
var repeats = map[string]bool{"index": true, "unique": true, "where": true}

// actions are what a foreign key does, by the words of the tag.
var actions = map[string]string{
	"cascade": "CASCADE", "setnull": "SET NULL", "restrict": "RESTRICT", "noaction": "NO ACTION",
}

// Options lists the words that a tag may use, for messages and documentation.
func Options() []string {
	words := []string{"default", "index", "unique", "where"}
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
		if value == "" {
			return fmt.Sprintf("option %q takes a value: %s:…", word, word)
		}
		*p(t) = value
		return t.checkText(word, value)
	}
	switch word {
	case "default":
		if !valued || value == "" && !quoted {
			return "option \"default\" takes a value: default:… (default:'' for an empty text)"
		}
		t.fallback = &value
	case "index", "unique":
		t.indexes = append(t.indexes, tagIndex{name: value, unique: word == "unique"})
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

func (t *tag) checkText(word, value string) string {
	switch word {
	case "type":
		if _, ok := dialect.ParseKind(value); !ok {
			return fmt.Sprintf("type %q is unknown; for a type of one engine use sqltype:…", value)
		}
	case "ref":
		table, column, ok := strings.Cut(value, ".")
		if !ok || badName(table) != "" || badName(column) != "" {
			return fmt.Sprintf("ref %q is not of the form model.column", value)
		}
	case "ondelete", "onupdate":
		action, ok := actions[value]
		if !ok {
			return fmt.Sprintf("%s:%s is unknown; there are cascade, setnull, restrict, noaction", word, value)
		}
		*texts[word](t) = action
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
	says(t.ref == "" && t.has("fk"), "fk needs ref")
	says(t.ref == "" && (t.has("ondelete") || t.has("onupdate")), "ondelete and onupdate need ref")
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
