CREATE TABLE app_user (
	id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
	email varchar(200) NOT NULL UNIQUE,
	name varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL DEFAULT 'it''s "me" \\ there',
	mood enum('good', 'it''s bad', 'Bad') NOT NULL DEFAULT 'it''s bad',
	born date,
	seen datetime NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	made datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
	stamp timestamp NULL,
	score decimal(6,2) NOT NULL DEFAULT 1.5,
	level smallint NOT NULL DEFAULT -1,
	age tinyint unsigned NOT NULL DEFAULT 3,
	active tinyint(1) NOT NULL DEFAULT 1,
	lower_email varchar(200) AS (lower(email)) STORED,
	ratio float(7,2),
	code int(8) unsigned zerofill,
	notes text,
	`first name` varchar(10),
	body mediumtext,
	CHECK (score >= 0 AND level < 100),
	CONSTRAINT named CHECK (name <> ''),
	KEY notes_key (notes(20)),
	KEY level_active (level, active),
	FULLTEXT KEY body_text (body)
);
CREATE TABLE app_item (
	owner bigint unsigned NOT NULL,
	number int NOT NULL,
	parent_owner bigint unsigned,
	parent int,
	reviewer bigint unsigned,
	payload json,
	data longblob NOT NULL,
	hash binary(16) NOT NULL,
	PRIMARY KEY (number, owner),
	CONSTRAINT item_owner FOREIGN KEY (owner) REFERENCES app_user (id) ON DELETE CASCADE ON UPDATE RESTRICT,
	FOREIGN KEY (parent, parent_owner) REFERENCES app_item (number, owner),
	FOREIGN KEY (reviewer) REFERENCES app_user (id) ON DELETE SET NULL,
	UNIQUE KEY level_active (owner, hash)
);
CREATE TABLE app_heap (n int);
CREATE TABLE `app_odd-name` (id int PRIMARY KEY);
CREATE TABLE alien (id int PRIMARY KEY);
CREATE TABLE app_made (id binary(16) NOT NULL PRIMARY KEY, other int, FOREIGN KEY (other) REFERENCES alien (id));
CREATE TABLE app_badge (id bigint NOT NULL PRIMARY KEY, name varchar(40) NOT NULL);
CREATE TABLE app_wearer (user_id bigint unsigned NOT NULL, badge_id bigint NOT NULL, PRIMARY KEY (user_id, badge_id),
	FOREIGN KEY (user_id) REFERENCES app_user (id), FOREIGN KEY (badge_id) REFERENCES app_badge (id));
CREATE VIEW app_view AS SELECT 1 AS id;
