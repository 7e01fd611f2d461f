-- several columns
SELECT `case`.`id`, `case`.`title`, `case`.`note` FROM `home`.`42_case` AS `case`;

-- several columns, walled
SELECT `case`.`id`, `case`.`title`, `case`.`note` FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- count
SELECT count(*) FROM `home`.`42_case` AS `case`;

-- count, walled
SELECT count(*) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- exists
SELECT 1 FROM `home`.`42_case` AS `case` LIMIT ?;
--   1: int64, 1

-- exists, walled
SELECT 1 FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ? LIMIT ?;
--   1: text, the tenant
--   2: int64, 1

-- limit
SELECT `case`.`id` FROM `home`.`42_case` AS `case` LIMIT ?;
--   1: int64, 10

-- limit, walled
SELECT `case`.`id` FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ? LIMIT ?;
--   1: text, the tenant
--   2: int64, 10

-- limit of none
SELECT `case`.`id` FROM `home`.`42_case` AS `case` LIMIT ?;
--   1: int64, 0

-- limit of none, walled
SELECT `case`.`id` FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ? LIMIT ?;
--   1: text, the tenant
--   2: int64, 0

-- offset
SELECT `case`.`id` FROM `home`.`42_case` AS `case` LIMIT ? OFFSET ?;
--   1: int64, 9223372036854775807
--   2: int64, 20

-- offset, walled
SELECT `case`.`id` FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ? LIMIT ? OFFSET ?;
--   1: text, the tenant
--   2: int64, 9223372036854775807
--   3: int64, 20

-- limit and offset
SELECT `case`.`id` FROM `home`.`42_case` AS `case` LIMIT ? OFFSET ?;
--   1: int64, 10
--   2: int64, 20

-- limit and offset, walled
SELECT `case`.`id` FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ? LIMIT ? OFFSET ?;
--   1: text, the tenant
--   2: int64, 10
--   3: int64, 20

-- for update
SELECT `case`.`id` FROM `home`.`42_case` AS `case` FOR UPDATE;

-- for update, walled
SELECT `case`.`id` FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ? FOR UPDATE;
--   1: text, the tenant

-- for update, skip locked
SELECT `case`.`id` FROM `home`.`42_case` AS `case` FOR UPDATE SKIP LOCKED;

-- for update, skip locked, walled
SELECT `case`.`id` FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ? FOR UPDATE SKIP LOCKED;
--   1: text, the tenant

-- for update, no wait
SELECT `case`.`id` FROM `home`.`42_case` AS `case` FOR UPDATE NOWAIT;

-- for update, no wait, walled
SELECT `case`.`id` FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ? FOR UPDATE NOWAIT;
--   1: text, the tenant

-- all at once
SELECT `case`.`id` FROM `home`.`42_case` AS `case` WHERE (`case`.`status` = ? OR `case`.`rank` = ?) ORDER BY `case`.`note` IS NULL, `case`.`note`, `case`.`id` DESC LIMIT ? OFFSET ? FOR UPDATE;
--   1: text, "open"
--   2: int64, 3
--   3: int64, 10
--   4: int64, 20

-- all at once, walled
SELECT `case`.`id` FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ? AND (`case`.`status` = ? OR `case`.`rank` = ?) ORDER BY `case`.`note` IS NULL, `case`.`note`, `case`.`id` DESC LIMIT ? OFFSET ? FOR UPDATE;
--   1: text, the tenant
--   2: text, "open"
--   3: int64, 3
--   4: int64, 10
--   5: int64, 20

