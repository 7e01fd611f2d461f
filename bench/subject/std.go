package subject

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
)

func openSQLPostgres(_ context.Context, t Target) (Subject, error) {
	pool, err := stdPostgres(t)
	return stdHand{pool: pool, words: postgresWords, connections: t.Connections}, err
}

func openSQLMariaDB(prepared bool) func(ctx context.Context, t Target) (Subject, error) {
	return func(_ context.Context, t Target) (Subject, error) {
		pool, err := stdMariaDB(t)
		s := stdHand{pool: pool, words: mariadbWords, connections: t.Connections}
		if prepared {
			s.statements = &statements{pool: pool, byText: map[string]*sql.Stmt{}}
		}
		return s, err
	}
}

// words are what two engines write differently.
type words struct {
	quote    string
	upsert   string
	numbered bool // parameters
}

var (
	postgresWords = words{`"`, postgresUpsert, true}
	mariadbWords  = words{"`", " ON DUPLICATE KEY UPDATE title = VALUES(title), status = VALUES(status), " +
		"priority = VALUES(priority), assignee = VALUES(assignee), opened = VALUES(opened)", false}
)

func (w words) name(s string) string { return w.quote + s + w.quote }

// text numbers the question marks, where the engine wants that. No text here has others.
func (w words) text(s string) string {
	if !w.numbered {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 4*strings.Count(s, "?"))
	for n := 1; ; n++ {
		part, rest, found := strings.Cut(s, "?")
		b.WriteString(part)
		if !found {
			return b.String()
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
		s = rest
	}
}

// stdHand is how one writes it with database/sql.
type stdHand struct {
	words
	pool        *sql.DB
	statements  *statements // nil to let the driver see to it
	connections int
}

func (s stdHand) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if s.statements == nil {
		return s.pool.QueryContext(ctx, s.text(text), args...)
	}
	statement, err := s.statements.of(ctx, text)
	if err != nil {
		return nil, err
	}
	return statement.QueryContext(ctx, args...)
}

func (s stdHand) queryRow(ctx context.Context, dest []any, text string, args ...any) error {
	if s.statements == nil {
		return s.pool.QueryRowContext(ctx, s.text(text), args...).Scan(dest...)
	}
	statement, err := s.statements.of(ctx, text)
	if err != nil {
		return err
	}
	return statement.QueryRowContext(ctx, args...).Scan(dest...)
}

func (s stdHand) exec(ctx context.Context, text string, args ...any) (sql.Result, error) {
	if s.statements == nil {
		return s.pool.ExecContext(ctx, s.text(text), args...)
	}
	statement, err := s.statements.of(ctx, text)
	if err != nil {
		return nil, err
	}
	return statement.ExecContext(ctx, args...)
}

func (s stdHand) Get(ctx context.Context, tenant string, id int64) (c Case, err error) {
	err = s.queryRow(ctx, c.dest(), "SELECT "+caseColumns+" FROM "+s.name(caseTable(tenant))+" WHERE id = ?", id)
	return c, err
}

func (s stdHand) Select(ctx context.Context, tenant string, n int) ([]Case, error) {
	return s.list(ctx, n, "SELECT "+caseColumns+" FROM "+s.name(caseTable(tenant))+" WHERE status = ? ORDER BY id LIMIT ?", "open", n)
}

// list reads about n cases.
func (s stdHand) list(ctx context.Context, n int, text string, args ...any) ([]Case, error) {
	rows, err := s.query(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := make([]Case, 0, n)
	for rows.Next() {
		list = append(list, Case{})
		if err := rows.Scan(list[len(list)-1].dest()...); err != nil {
			return nil, err
		}
	}
	return list, rows.Err()
}

func (s stdHand) Insert(ctx context.Context, tenant string, c *Case) error {
	text := "INSERT INTO " + s.name(caseTable(tenant)) + " (" + newColumns + ") VALUES (?, ?, ?, ?, ?)"
	args := []any{c.Title, c.Status, c.Priority, c.Assignee, c.Opened}
	if s.numbered {
		return s.queryRow(ctx, []any{&c.ID}, text+" RETURNING id", args...)
	}
	result, err := s.exec(ctx, text, args...)
	if err != nil {
		return err
	}
	c.ID, err = result.LastInsertId()
	return err
}

func (s stdHand) Update(ctx context.Context, tenant string, c *Case) error {
	result, err := s.exec(ctx, "UPDATE "+s.name(caseTable(tenant))+
		" SET title = ?, status = ?, priority = ?, assignee = ?, opened = ? WHERE id = ?",
		c.Title, c.Status, c.Priority, c.Assignee, c.Opened, c.ID)
	if err != nil {
		return err
	}
	return checkOne(result.RowsAffected())
}

func (s stdHand) Upsert(ctx context.Context, tenant string, c *Case) error {
	_, err := s.exec(ctx, "INSERT INTO "+s.name(caseTable(tenant))+" ("+caseColumns+") VALUES (?, ?, ?, ?, ?, ?)"+s.upsert,
		c.ID, c.Title, c.Status, c.Priority, c.Assignee, c.Opened)
	return err
}

func (s stdHand) List(ctx context.Context, tenant string, n int) ([]Case, error) {
	list, err := s.list(ctx, n, "SELECT "+caseColumns+" FROM "+s.name(caseTable(tenant))+" ORDER BY id LIMIT ?", n)
	if err != nil {
		return nil, err
	}
	ids := make([]any, len(list))
	for i := range list {
		ids[i] = list[i].ID
	}
	rows, err := s.query(ctx, "SELECT "+commentColumns+" FROM "+s.name(commentTable(tenant))+
		" WHERE case_id IN ("+placeholders(len(ids))+")", ids...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	a := newAttacher(list)
	for rows.Next() {
		var c Comment
		if err := rows.Scan(&c.ID, &c.CaseID, &c.Author, &c.Body); err != nil {
			return nil, err
		}
		a.attach(c)
	}
	return list, rows.Err()
}

func placeholders(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// InsertMany has all rows in one statement, and takes the keys as they come: MariaDB returns them as
// well, MySQL would not.
func (s stdHand) InsertMany(ctx context.Context, tenant string, list []Case) error {
	args := make([]any, 0, 5*len(list))
	for i := range list {
		c := &list[i]
		args = append(args, c.Title, c.Status, c.Priority, c.Assignee, c.Opened)
	}
	text := "INSERT INTO " + s.name(caseTable(tenant)) + " (" + newColumns + ") VALUES " + tuples(5, len(list)) + " RETURNING id"
	rows, err := s.pool.QueryContext(ctx, s.text(text), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for i := 0; rows.Next(); i++ {
		if err := rows.Scan(&list[i].ID); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (s stdHand) Load(ctx context.Context, tenant string, list []Case) error {
	args := make([]any, 0, 6*len(list))
	for i := range list {
		c := &list[i]
		args = append(args, c.ID, c.Title, c.Status, c.Priority, c.Assignee, c.Opened)
	}
	text := "INSERT INTO " + s.name(caseTable(tenant)) + " (" + caseColumns + ") VALUES " + tuples(6, len(list))
	_, err := s.pool.ExecContext(ctx, s.text(text), args...)
	return err
}

// tuples is n parentheses with placeholders in them.
func tuples(columns, n int) string {
	return strings.TrimSuffix(strings.Repeat("("+placeholders(columns)+"), ", n), ", ")
}

func (s stdHand) Count(ctx context.Context, tenants []string) (int64, error) {
	return countEach(ctx, tenants, s.connections, func(ctx context.Context, tenant string) (n int64, err error) {
		text := "SELECT count(*) FROM " + s.name(caseTable(tenant)) + " WHERE status = ?"
		err = s.pool.QueryRowContext(ctx, s.text(text), "open").Scan(&n)
		return n, err
	})
}

func (s stdHand) Close() error {
	if s.statements != nil {
		return errors.Join(s.statements.close(), s.pool.Close())
	}
	return s.pool.Close()
}

// statements are those that were prepared, by their texts.
type statements struct {
	pool   *sql.DB
	byText map[string]*sql.Stmt
}

func (s *statements) of(ctx context.Context, text string) (*sql.Stmt, error) {
	if known := s.byText[text]; known != nil {
		return known, nil
	}
	statement, err := s.pool.PrepareContext(ctx, text)
	if err == nil {
		s.byText[text] = statement
	}
	return statement, err
}

func (s *statements) close() (err error) {
	for _, statement := range s.byText {
		err = errors.Join(err, statement.Close())
	}
	return err
}
