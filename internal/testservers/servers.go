//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// installation is the binaries that a run uses.
type installation struct {
	postgres  postgres
	mariadb   mariadb
	pgbouncer pgbouncer
}

// startServers finds (or installs) the binaries, starts all servers at once, and returns
// the environment that says where they are.
func startServers(ctx context.Context, opts options, f *farm) ([]string, error) {
	if opts.postgresVersion != "" && opts.wants(namePostgres) {
		bin, err := fetchPostgres(ctx, opts.postgresVersion, f.space)
		if err != nil {
			return nil, err
		}
		opts.postgresBin = bin
	}
	found, err := locate(opts)
	var absent *missingError
	if errors.As(err, &absent) && opts.install {
		if err = absent.install(ctx); err == nil {
			found, err = locate(opts)
		}
	}
	if err != nil {
		return nil, err
	}

	var group sync.WaitGroup
	var pgEnv, myEnv []string
	var pgErr, myErr error
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if opts.wants(namePostgres) {
		group.Go(func() {
			if pgEnv, pgErr = startPostgres(ctx, opts, found, f); pgErr != nil {
				cancel() // no point in waiting for the other
			}
		})
	}
	if opts.wants(nameMySQL) {
		group.Go(func() {
			if myEnv, myErr = found.mariadb.start(ctx, f); myErr != nil {
				cancel()
			}
		})
	}
	group.Wait()
	return append(pgEnv, myEnv...), firstCause(pgErr, myErr)
}

// startPostgres starts PostgreSQL and, as it needs its port, PgBouncer after it.
func startPostgres(ctx context.Context, opts options, found installation, f *farm) ([]string, error) {
	port, env, err := found.postgres.start(ctx, f)
	if err != nil || !opts.wants(namePgBouncer) {
		return env, err
	}
	more, err := found.pgbouncer.start(ctx, f, port)
	return append(env, more...), err
}

// firstCause drops the cancellation that one server's failure brought upon the other.
func firstCause(errs ...error) error {
	for _, err := range errs {
		if err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
	}
	return errors.Join(errs...)
}

// locate finds every wanted server's binaries, or reports all that are missing together.
func locate(opts options) (found installation, err error) {
	var absent missingError
	note := func(err error) {
		if m := (*missingError)(nil); errors.As(err, &m) {
			absent.programs = append(absent.programs, m.programs...)
			absent.packages = append(absent.packages, m.packages...)
			return
		}
		absent.other = errors.Join(absent.other, err)
	}
	if opts.wants(namePostgres) {
		found.postgres, err = findPostgres(opts.postgresBin)
		note(err)
	}
	if opts.wants(namePgBouncer) {
		found.pgbouncer, err = findPgBouncer()
		note(err)
	}
	if opts.wants(nameMySQL) {
		found.mariadb, err = findMariaDB()
		note(err)
	}
	switch {
	case absent.other != nil:
		return found, fmt.Errorf("looking for servers: %w", absent.other)
	case len(absent.programs) > 0:
		return found, &absent
	}
	return found, nil
}
