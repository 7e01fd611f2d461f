package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/rowhouse/rowhouse/bench/subject"
)

func postgres() engine {
	return engine{
		name: "postgres", variable: "ROWHOUSE_TEST_POSTGRES", subjects: subject.Postgres(),
		connect: connectPostgres, open: openPostgres,
	}
}

func openPostgres(ctx context.Context, t subject.Target) (*subject.House, error) {
	return subject.OpenPostgres(ctx, t)
}

type postgresServer struct {
	admin    string
	database string
	dsn      string
	address  string
	conn     *pgx.Conn
}

func connectPostgres(ctx context.Context, admin, database string) (server, error) {
	u, err := url.Parse(admin)
	if err != nil {
		return nil, err
	}
	s := &postgresServer{admin: admin, database: database, address: u.Host}
	u.Path = "/" + database
	s.dsn = u.String()
	if err := s.asAdmin(ctx, "CREATE DATABASE "+database+" TEMPLATE template0"); err != nil {
		return nil, err
	}
	if s.conn, err = pgx.Connect(ctx, s.dsn); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *postgresServer) asAdmin(ctx context.Context, text string) error {
	conn, err := pgx.Connect(ctx, s.admin)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, text)
	return errors.Join(err, conn.Close(ctx))
}

func (s *postgresServer) DSN() string     { return s.dsn }
func (s *postgresServer) Address() string { return s.address }
func (s *postgresServer) Exclusive() bool { return true }

func (s *postgresServer) Version(ctx context.Context) (version string, err error) {
	err = s.conn.QueryRow(ctx, "SHOW server_version").Scan(&version)
	version, _, _ = strings.Cut(version, " ") // who packed it follows
	return version, err
}

func (s *postgresServer) Fill(ctx context.Context, tenant string, rows int) error {
	_, err := s.conn.Exec(ctx, fmt.Sprintf(`
		INSERT INTO "%[1]s_case" (title, status, priority, assignee, opened)
			SELECT 'the title of case ' || n, 'open', n %% 5, CASE WHEN n %% 2 = 0 THEN 'somebody' END, now()
			FROM generate_series(1, %[2]d) AS n ORDER BY n;
		INSERT INTO "%[1]s_comment" (case_id, author, body)
			SELECT c, 'somebody', 'what comment ' || n || ' of case ' || c || ' has to say'
			FROM generate_series(1, %[2]d) AS c, generate_series(1, %[3]d) AS n ORDER BY c, n`,
		tenant, rows, children), pgx.QueryExecModeSimpleProtocol)
	return err
}

// Settle would otherwise be autovacuum's, in the middle.
func (s *postgresServer) Settle(ctx context.Context) error {
	if _, err := s.conn.Exec(ctx, "VACUUM (ANALYZE)"); err != nil {
		return err
	}
	_, err := s.conn.Exec(ctx, "CHECKPOINT")
	return err
}

func (s *postgresServer) Empty(ctx context.Context, tenant string) error {
	_, err := s.conn.Exec(ctx, fmt.Sprintf(`TRUNCATE "%[1]s_case", "%[1]s_comment"`, tenant))
	return err
}

func (s *postgresServer) Processes(ctx context.Context, name string) ([]int, error) {
	rows, err := s.conn.Query(ctx,
		"SELECT pid FROM pg_stat_activity WHERE datname = $1 AND application_name = $2", s.database, name)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int])
}

func (s *postgresServer) Close() error {
	ctx := context.Background()
	if s.conn != nil {
		_ = s.conn.Close(ctx) // it is dropped next
	}
	return s.asAdmin(ctx, "DROP DATABASE "+s.database+" WITH (FORCE)")
}
