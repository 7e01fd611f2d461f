CREATE TYPE mood AS ENUM ('good', 'it''s bad');
CREATE TABLE app_user (
	id bigserial PRIMARY KEY,
	email varchar(200) NOT NULL UNIQUE,
	name text COLLATE "C" NOT NULL DEFAULT 'it''s "me"',
	mood mood NOT NULL DEFAULT 'it''s bad',
	tags text[] NOT NULL DEFAULT '{}',
	born date,
	seen timestamp without time zone NOT NULL DEFAULT now(),
	made timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
	token uuid NOT NULL DEFAULT gen_random_uuid(),
	score numeric(6,2) NOT NULL DEFAULT 1.5,
	level smallint NOT NULL DEFAULT -1,
	active boolean NOT NULL DEFAULT true,
	lower_email text GENERATED ALWAYS AS (lower(email)) STORED,
	"first name" text,
	CHECK (score >= 0 AND level < 100),
	CONSTRAINT named CHECK (name <> ''),
	CHECK ("first name" <> 'x')
);
CREATE INDEX ON app_user (lower(name));
CREATE INDEX recent ON app_user (seen DESC);
CREATE INDEX active_users ON app_user (level, active) WHERE active AND level > 3;
CREATE INDEX tags_gin ON app_user USING gin (tags);
CREATE TABLE app_item (
	owner bigint NOT NULL REFERENCES app_user (id) ON DELETE CASCADE ON UPDATE RESTRICT,
	number integer NOT NULL,
	parent_owner bigint,
	parent integer,
	reviewer bigint REFERENCES app_user ON DELETE SET NULL,
	payload jsonb,
	data bytea NOT NULL,
	PRIMARY KEY (number, owner),
	FOREIGN KEY (parent, parent_owner) REFERENCES app_item (number, owner),
	UNIQUE (owner, payload)
);
CREATE TABLE app_made (id uuid DEFAULT gen_random_uuid() PRIMARY KEY, item_number integer, item_owner bigint, other integer,
	FOREIGN KEY (item_number, item_owner) REFERENCES app_item);
CREATE TABLE app_heap (n integer);
CREATE TABLE "app_odd-name" (id integer PRIMARY KEY);
CREATE TABLE alien (id integer PRIMARY KEY);
ALTER TABLE app_made ADD FOREIGN KEY (other) REFERENCES alien;
CREATE TABLE app_badge (id bigint PRIMARY KEY, name varchar(40) NOT NULL);
CREATE TABLE app_wearer (user_id bigint NOT NULL REFERENCES app_user (id), badge_id bigint NOT NULL REFERENCES app_badge (id),
	PRIMARY KEY (user_id, badge_id));
CREATE VIEW app_view AS SELECT 1 AS id;
