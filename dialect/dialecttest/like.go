package dialecttest

// Like reports whether a text matches a pattern of SQL's LIKE with that escape character: the
// meaning that each engine's own notation is compared with. A lone escape at the end of the
// pattern is nothing.
func Like(pattern, text string, escape rune) bool {
	s := []rune(text)
	matched := make([]bool, len(s)+1) // whether the pattern so far matches the text's first n
	matched[0] = true
	escaped := false
	for _, p := range pattern {
		if p == escape && !escaped {
			escaped = true
			continue
		}
		next := make([]bool, len(s)+1)
		for n := range next {
			switch {
			case p == '%' && !escaped:
				next[n] = matched[n] || n > 0 && next[n-1]
			case n > 0:
				next[n] = matched[n-1] && (s[n-1] == p || p == '_' && !escaped)
			}
		}
		matched, escaped = next, false
	}
	return matched[len(s)]
}

// Fataler is what a check needs of a test, be it a [testing.T] or a rapid.T.
type Fataler interface {
	Fatalf(format string, args ...any)
}
