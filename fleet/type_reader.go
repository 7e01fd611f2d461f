package fleet

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/postgres"
	"ariga.io/atlas/sql/schema"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/internal/model"
)

// typeOf is the type that the dialect writes as the column's, where there is one; of several, it is the
// widest and simplest.
func (w *tableReader) typeOf(c *schema.Column) dialect.Type {
	have := w.text(c)
	for _, t := range candidates(c.Type.Type) {
		if w.written(dialect.Column{Type: t}) == have {
			return t
		}
	}
	return dialect.Type{Kind: dialect.Other, Raw: have}
}

func candidates(t schema.Type) []dialect.Type {
	types := []dialect.Type{
		{Kind: dialect.Bool},
		{Kind: dialect.Int64},
		{Kind: dialect.Int32},
		{Kind: dialect.Int16},
		{Kind: dialect.Float64},
		{Kind: dialect.Float32},
		{Kind: dialect.Text},
		{Kind: dialect.Decimal},
		{Kind: dialect.Bytes},
		{Kind: dialect.UUID},
		{Kind: dialect.Time},
		{Kind: dialect.JSON},
	}
	switch t := t.(type) {
	case *schema.DecimalType:
		types = append(types, dialect.Type{Kind: dialect.Decimal, Precision: t.Precision, Scale: t.Scale})
	case *schema.StringType:
		types = append(types, dialect.Type{Kind: dialect.Text, Size: t.Size})
	case *schema.BinaryType:
		if t.Size != nil {
			types = append(types, dialect.Type{Kind: dialect.Bytes, Size: *t.Size})
		}
	}
	return types
}

// written is how the database has the type that the dialect writes.
func (r *reader) written(c dialect.Column) string {
	text := r.d.ColumnType(c)
	t, err := r.e.parse(text)
	if err != nil || c.Type.Kind == dialect.Other {
		return text
	}
	return r.text(&schema.Column{Type: &schema.ColumnType{Type: t, Raw: text}})
}

// text is a column's type in the words of the database, the same words for the same type.
func (r *reader) text(c *schema.Column) string {
	t := c.Type.Type
	if serial, is := t.(*postgres.SerialType); is {
		t = map[string]schema.Type{
			postgres.TypeSmallSerial: &schema.IntegerType{T: postgres.TypeSmallInt},
			postgres.TypeSerial:      &schema.IntegerType{T: postgres.TypeInteger},
			postgres.TypeBigSerial:   &schema.IntegerType{T: postgres.TypeBigInt},
		}[serial.T]
	}
	raw := strings.ToLower(c.Type.Raw)
	switch r.d.Name() {
	case "sqlite":
		if raw == "" {
			raw = "blob" // as which a column without a type is
		}
		return raw
	case "postgres":
		if enum, is := t.(*schema.EnumType); is {
			return r.typeName(enum)
		}
		if text, err := postgres.FormatType(t); err == nil {
			return text
		}
		return c.Type.Raw
	}
	if _, enum := t.(*schema.EnumType); enum {
		return c.Type.Raw // whose values keep their case
	}
	if text, err := mysql.FormatType(t); err == nil {
		return text
	}
	return c.Type.Raw
}

var plainName = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// typeName is the name of an enumeration, which is in the schema that is read, as PostgreSQL writes it.
func (r *reader) typeName(t *schema.EnumType) string {
	quote := func(name string) string {
		if plainName.MatchString(name) {
			return name
		}
		return dialect.Quote(r.d, name)
	}
	if r.schema == "public" {
		return quote(t.T)
	}
	return quote(r.schema) + "." + quote(t.T)
}

var (
	isNow = regexp.MustCompile(`(?i)^(now|current_timestamp|localtimestamp|transaction_timestamp|statement_timestamp` +
		`|clock_timestamp|current_date|curdate)(\(\d*\))?$|^timezone\('utc'::text, now\(\)\)$|^datetime\('now'\)$`)
	isUUID = regexp.MustCompile(`(?i)^(gen_random_uuid|uuid_generate_v[147]|uuidv7|uuidv4|uuid|uuid_v4|uuid_v7|sys_guid)\(\)$`)
	isNull = regexp.MustCompile(`(?i)^null(::.*)?$`)
)

// fallback takes a column's default: a literal, the present time, or a new UUID.
func (w *tableReader) fallback(c *schema.Column, to *dialect.Column) {
	_, renews := attr[*mysql.OnUpdate](c.Attrs)
	text := defaultOf(c)
	t := model.TypeOf(to.Type)
	isTime := t == reflect.TypeFor[time.Time]() && !to.Null
	switch {
	case renews && isTime:
		to.Role = dialect.RoleUpdated
	case to.Role != dialect.RoleNone && text == "", text == "", isNull.MatchString(text):
	case isTime && isNow.MatchString(text):
		if to.Role == dialect.RoleNone {
			to.Role = dialect.RoleCreated
		}
	case isUUID.MatchString(text) && slices.Equal(w.to.PrimaryKey, []string{c.Name}) && to.Type.Kind != dialect.Other:
		to.Role = dialect.RoleMade
	default:
		literal, ok := w.literal(text, t)
		if !ok {
			w.remarkf("the default of column %q is left out: %s is no literal that a model can have", c.Name, text)
			return
		}
		to.Default = literal
	}
}

func defaultOf(c *schema.Column) string {
	switch x := c.Default.(type) {
	case *schema.Literal:
		return bare(x.V)
	case *schema.RawExpr:
		return bare(x.X)
	}
	return ""
}

// literal is a default as a model has it, for a column whose values are of that Go type.
func (r *reader) literal(text string, t reflect.Type) (string, bool) {
	value, quoted, ok := r.unquote(text)
	if !ok {
		return "", false
	}
	switch t.Kind() {
	case reflect.Bool:
		b, err := strconv.ParseBool(value)
		return strconv.FormatBool(b), err == nil
	case reflect.Int16, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(value, 10, t.Bits())
		return strconv.FormatInt(n, 10), err == nil
	case reflect.Float32, reflect.Float64:
		n, err := strconv.ParseFloat(value, t.Bits())
		return strconv.FormatFloat(n, 'g', -1, t.Bits()), err == nil
	case reflect.String:
		_, err := strconv.ParseFloat(value, 64)
		return "'" + strings.ReplaceAll(value, "'", "''") + "'", quoted || err == nil
	}
	return "", false
}

// unquote takes a text out of its quotes, and a cast of PostgreSQL's off it.
func (r *reader) unquote(text string) (value string, quoted, ok bool) {
	if strings.HasPrefix(text, `"`) { // as atlas quotes
		value, err := strconv.Unquote(text)
		return value, true, err == nil
	}
	if !strings.HasPrefix(text, "'") {
		return text, false, text != ""
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && r.isMySQL() && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case c != '\'':
			b.WriteByte(c)
		case i+1 < len(text) && text[i+1] == '\'':
			b.WriteByte(c)
			i++
		default:
			rest := text[i+1:]
			return b.String(), true, rest == "" || strings.HasPrefix(rest, "::")
		}
	}
	return "", true, false
}
