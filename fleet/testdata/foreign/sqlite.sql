CREATE TABLE app_user (
	id INTEGER PRIMARY KEY,
	email VARCHAR(200) NOT NULL UNIQUE,
	name TEXT NOT NULL DEFAULT 'it''s "me"',
	born DATE,
	seen DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
	score NUMERIC(6,2) NOT NULL DEFAULT 1.5,
	level SMALLINT NOT NULL DEFAULT -1,
	active BOOLEAN NOT NULL DEFAULT 1,
	untyped,
	lower_email TEXT GENERATED ALWAYS AS (lower(email)),
	"first name" TEXT,
	CHECK (score >= 0 AND level < 100),
	CONSTRAINT named CHECK (name <> '')
);
CREATE INDEX app_lower ON app_user (lower(name));
CREATE INDEX recent ON app_user (seen DESC);
CREATE INDEX active_users ON app_user (level, active) WHERE active AND level > 3;
CREATE TABLE app_item (
	owner INTEGER NOT NULL REFERENCES app_user ON DELETE CASCADE ON UPDATE RESTRICT,
	number INTEGER NOT NULL,
	parent_owner INTEGER,
	parent INTEGER,
	reviewer INTEGER REFERENCES app_user (id) ON DELETE SET NULL,
	payload JSON,
	data BLOB NOT NULL,
	PRIMARY KEY (number, owner),
	FOREIGN KEY (parent, parent_owner) REFERENCES app_item,
	UNIQUE (owner, payload)
);
CREATE TABLE app_heap (n INTEGER);
CREATE TABLE "app_odd-name" (id INTEGER PRIMARY KEY);
CREATE TABLE alien (id INTEGER PRIMARY KEY);
CREATE TABLE app_made (id TEXT PRIMARY KEY NOT NULL, other INTEGER REFERENCES alien) WITHOUT ROWID;
CREATE TABLE app_badge (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE app_wearer (user_id INTEGER NOT NULL REFERENCES app_user (id), badge_id INTEGER NOT NULL REFERENCES app_badge (id),
	PRIMARY KEY (user_id, badge_id));
CREATE VIEW app_view AS SELECT 1 AS id;
CREATE VIRTUAL TABLE app_search USING fts5(body);
