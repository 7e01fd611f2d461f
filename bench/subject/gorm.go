package subject

import (
	"context"
	"database/sql"
	"errors"

	gormmysql "gorm.io/driver/mysql"
	gormpostgres "gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/logger"
)

func gormDefault(*gorm.Config) {}

func gormTuned(c *gorm.Config) {
	c.SkipDefaultTransaction = true
	c.PrepareStmt = true
}

func openGormPostgres(setting func(*gorm.Config)) func(ctx context.Context, t Target) (Subject, error) {
	return func(_ context.Context, t Target) (Subject, error) {
		pool, err := stdPostgres(t)
		if err != nil {
			return nil, err
		}
		return openGorm(gormpostgres.New(gormpostgres.Config{Conn: pool}), pool, t, setting)
	}
}

func openGormMariaDB(setting func(*gorm.Config)) func(ctx context.Context, t Target) (Subject, error) {
	return func(_ context.Context, t Target) (Subject, error) {
		pool, err := stdMariaDB(t)
		if err != nil {
			return nil, err
		}
		return openGorm(gormmysql.New(gormmysql.Config{Conn: pool}), pool, t, setting)
	}
}

func openGorm(d gorm.Dialector, pool *sql.DB, t Target, setting func(*gorm.Config)) (Subject, error) {
	config := &gorm.Config{Logger: logger.Discard}
	setting(config)
	db, err := gorm.Open(d, config)
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return gormSubject{db, pool, t.Connections}, nil
}

type gormSubject struct {
	db          *gorm.DB
	pool        *sql.DB
	connections int
}

func (g gormSubject) table(ctx context.Context, name string) *gorm.DB {
	return g.db.WithContext(ctx).Table(name)
}

func (g gormSubject) Get(ctx context.Context, tenant string, id int64) (c Case, err error) {
	err = g.table(ctx, caseTable(tenant)).Where("id = ?", id).Take(&c).Error
	return c, err
}

func (g gormSubject) Select(ctx context.Context, tenant string, n int) (list []Case, err error) {
	err = g.table(ctx, caseTable(tenant)).Where("status = ?", "open").Order("id").Limit(n).Find(&list).Error
	return list, err
}

func (g gormSubject) Insert(ctx context.Context, tenant string, c *Case) error {
	return g.table(ctx, caseTable(tenant)).Create(c).Error
}

func (g gormSubject) Update(ctx context.Context, tenant string, c *Case) error {
	done := g.table(ctx, caseTable(tenant)).Select("*").Updates(c)
	return checkOne(done.RowsAffected, done.Error)
}

func (g gormSubject) Upsert(ctx context.Context, tenant string, c *Case) error {
	return g.table(ctx, caseTable(tenant)).Clauses(clause.OnConflict{UpdateAll: true}).Create(c).Error
}

func (g gormSubject) List(ctx context.Context, tenant string, n int) (list []Case, err error) {
	if err := g.table(ctx, caseTable(tenant)).Order("id").Limit(n).Find(&list).Error; err != nil {
		return nil, err
	}
	var children []Comment
	err = g.table(ctx, commentTable(tenant)).Where("case_id IN ?", keys(list)).Find(&children).Error
	return newAttacher(list).attachAll(children), err
}

// gormBatch is how many rows go into one statement. It is within what the protocols allow.
const gormBatch = 1000

func (g gormSubject) InsertMany(ctx context.Context, tenant string, list []Case) error {
	return g.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		return tx.Table(caseTable(tenant)).CreateInBatches(list, gormBatch).Error
	})
}

func (g gormSubject) Load(ctx context.Context, tenant string, list []Case) error {
	return g.InsertMany(ctx, tenant, list)
}

func (g gormSubject) Count(ctx context.Context, tenants []string) (int64, error) {
	return countEach(ctx, tenants, g.connections, func(ctx context.Context, tenant string) (n int64, err error) {
		err = g.table(ctx, caseTable(tenant)).Where("status = ?", "open").Count(&n).Error
		return n, err
	})
}

func (g gormSubject) Close() error { return g.pool.Close() }
