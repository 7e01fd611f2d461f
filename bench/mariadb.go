package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/go-sql-driver/mysql"

	"github.com/rowhouse/rowhouse/bench/subject"
)

func mariadb() engine {
	return engine{
		name: "mariadb", variable: "ROWHOUSE_TEST_MYSQL", subjects: subject.MariaDB(),
		connect: connectMariaDB, open: openMariaDB,
	}
}

func openMariaDB(ctx context.Context, t subject.Target) (*subject.House, error) {
	return subject.OpenMariaDB(ctx, t)
}

type mariadbServer struct {
	config *mysql.Config // of the bench's own database
	pool   *sql.DB
	kept   int // prepared statements that the server had room for
}

func connectMariaDB(ctx context.Context, admin, database string) (server, error) {
	config, err := mysql.ParseDSN(admin)
	if err != nil {
		return nil, err
	}
	if err := asMariaDBAdmin(ctx, config, "CREATE DATABASE "+database+" CHARACTER SET utf8mb4"); err != nil {
		return nil, err
	}
	config.DBName = database
	both := config.Clone()
	both.MultiStatements = true
	connector, err := mysql.NewConnector(both)
	if err != nil {
		return nil, err
	}
	s := &mariadbServer{config: config, pool: sql.OpenDB(connector)}
	if err := s.pool.QueryRowContext(ctx, "SELECT @@GLOBAL.max_prepared_stmt_count").Scan(&s.kept); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	// Three subjects keep a statement for each tenant and operation.
	if err := s.keep(ctx, max(s.kept, 1<<16)); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// keep sets how many prepared statements the server has room for, of all its clients.
func (s *mariadbServer) keep(ctx context.Context, n int) error {
	_, err := s.pool.ExecContext(ctx, fmt.Sprintf("SET GLOBAL max_prepared_stmt_count = %d", n))
	return err
}

func asMariaDBAdmin(ctx context.Context, config *mysql.Config, text string) error {
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return err
	}
	pool := sql.OpenDB(connector)
	_, err = pool.ExecContext(ctx, text)
	return errors.Join(err, pool.Close())
}

func (s *mariadbServer) DSN() string     { return s.config.FormatDSN() }
func (s *mariadbServer) Address() string { return s.config.Addr }

// Exclusive is false: it is one process for all.
func (s *mariadbServer) Exclusive() bool { return false }

func (s *mariadbServer) Version(ctx context.Context) (version string, err error) {
	err = s.pool.QueryRowContext(ctx, "SELECT version()").Scan(&version)
	version, _, _ = strings.Cut(version, "-") // who packed it follows
	return version, err
}

func (s *mariadbServer) Fill(ctx context.Context, tenant string, rows int) error {
	_, err := s.pool.ExecContext(ctx, fmt.Sprintf(
		"INSERT INTO `%[1]s_case` (title, status, priority, assignee, opened) "+
			"SELECT concat('the title of case ', seq), 'open', seq %% 5, IF(seq %% 2 = 0, 'somebody', NULL), now() "+
			"FROM seq_1_to_%[2]d ORDER BY seq; "+
			"INSERT INTO `%[1]s_comment` (case_id, author, body) "+
			"SELECT c.seq, 'somebody', concat('what comment ', n.seq, ' of case ', c.seq, ' has to say') "+
			"FROM seq_1_to_%[2]d AS c, seq_1_to_%[3]d AS n ORDER BY c.seq, n.seq",
		tenant, rows, children))
	return err
}

// Settle does nothing: InnoDB counts its rows as they come.
func (s *mariadbServer) Settle(context.Context) error { return nil }

// Empty deletes, since TRUNCATE is refused on a table that another refers to.
func (s *mariadbServer) Empty(ctx context.Context, tenant string) error {
	_, err := s.pool.ExecContext(ctx, fmt.Sprintf("DELETE FROM `%s_case`", tenant))
	return err
}

// Processes is the server's only one, which has all connections' threads.
func (s *mariadbServer) Processes(ctx context.Context, _ string) ([]int, error) {
	var file, directory string
	if err := s.pool.QueryRowContext(ctx, "SELECT @@pid_file, @@datadir").Scan(&file, &directory); err != nil {
		return nil, err
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(directory, file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	return []int{pid}, err
}

func (s *mariadbServer) Close() error {
	ctx := context.Background()
	_, err := s.pool.ExecContext(ctx, "DROP DATABASE "+s.config.DBName)
	if s.kept > 0 {
		err = errors.Join(err, s.keep(ctx, s.kept))
	}
	return errors.Join(err, s.pool.Close())
}
