package dialecttest

// Like reports whether a text matches a pattern of SQL's LIKE with that escape character: the
// meaning that each engine's own notation is compared with. A lone escape at the end of the
// pattern is nothing.
func Like(pattern, text string, escape rune) bool { return like([]rune(pattern), []rune(text), escape) }

func like(p, s []rune, escape rune) bool {
	if len(p) == 0 {
		return len(s) == 0
	}
	switch {
	case p[0] == escape && len(p) == 1:
		return len(s) == 0
	case p[0] == escape:
		return len(s) > 0 && s[0] == p[1] && like(p[2:], s[1:], escape)
	case p[0] == '%':
		return like(p[1:], s, escape) || len(s) > 0 && like(p, s[1:], escape)
	case p[0] == '_':
		return len(s) > 0 && like(p[1:], s[1:], escape)
	}
	return len(s) > 0 && s[0] == p[0] && like(p[1:], s[1:], escape)
}

// Fataler is what a check needs of a test, be it a [testing.T] or a rapid.T.
type Fataler interface {
	Fatalf(format string, args ...any)
}
