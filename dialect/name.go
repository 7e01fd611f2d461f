package dialect

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"unicode/utf8"
)

// hashMark joins a shortened name to its hash. No other name contains it: a model's name has
// letters, digits and underscores, a slug has those of [AppendSlug].
const hashMark = '~'

// hashBytes of SHA-256 end a shortened name: 80 bits, so that among a million names of one
// database the chance of any two being alike is under 1 in 2 × 10^12 (birthday bound n²/2^81).
const hashBytes = 10

var hashText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// AppendSlug appends a tenant's id as it stands in physical names. It is injective, and its
// alphabet (a-z 0-9 - _ $) survives the case folding of every engine: lower-case letters,
// digits and hyphens stand for themselves, an underscore is doubled, and every other byte
// becomes $ and two hexadecimal digits.
//
// Because underscores come in pairs, the single one that follows a slug in a prefixed name
// ends it beyond doubt: tenant "a" with model "b_case" is a_b_case, tenant "a_b" with model
// "case" is a__b_case.
func AppendSlug(dst []byte, tenant string) []byte {
	const hex = "0123456789abcdef"
	for i := range len(tenant) {
		switch c := tenant[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-':
			dst = append(dst, c)
		case c == '_':
			dst = append(dst, '_', '_')
		default:
			dst = append(dst, '$', hex[c>>4], hex[c&15])
		}
	}
	return dst
}

// Slug returns a tenant's id as it stands in physical names; see [AppendSlug].
func Slug(tenant string) string { return string(AppendSlug(nil, tenant)) }

// AppendFitted appends prefix+object, shortened to limit bytes where it is longer: its beginning,
// a tilde, and a hash of the whole. Equal inputs give equal names on every machine; different
// ones give different names, up to the hash's collisions (see hashBytes). Two splits of the same
// text (a + bc, ab + c) are the same name: it is the slug that keeps those apart.
func AppendFitted(dst []byte, limit int, prefix, object string) []byte {
	if len(prefix)+len(object) <= limit {
		dst = append(dst, prefix...)
		return append(dst, object...)
	}
	whole := prefix + object
	sum := sha256.Sum256([]byte(whole))
	keep := limit - 1 - hashText.EncodedLen(hashBytes)
	for keep > 0 && !utf8.RuneStart(whole[keep]) {
		keep-- // a character is not cut in two
	}
	dst = append(dst, whole[:keep]...)
	dst = append(dst, hashMark)
	return hashText.AppendEncode(dst, sum[:hashBytes])
}

// Reserved returns the tenants that cannot be placed by Prefix beside the given objects, because
// a table of theirs would be one of those: with the shared table a_case and a model case, it is
// tenant "a". Comparison ignores case, as some engines do.
func Reserved(prefixed, beside []string) map[string]string {
	reserved := map[string]string{}
	for _, object := range beside {
		for _, name := range prefixed {
			slug, ok := strings.CutSuffix(strings.ToLower(object), "_"+strings.ToLower(name))
			if ok && slug != "" {
				reserved[slug] = object
			}
		}
	}
	return reserved
}
