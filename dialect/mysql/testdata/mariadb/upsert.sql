-- do nothing
INSERT INTO `home`.`42_case` (`title`, `rank`) VALUES (?, ?) ON DUPLICATE KEY UPDATE `title` = `title`;
--   1: text, field 1
--   2: int64, field 2

-- do nothing, walled
INSERT INTO `home`.`case` (`tenant_id`, `title`, `rank`) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE `tenant_id` = `tenant_id`;
--   1: text, the tenant
--   2: text, field 1
--   3: int64, field 2

-- overwrite
INSERT INTO `home`.`42_case` (`title`, `rank`) VALUES (?, ?) ON DUPLICATE KEY UPDATE `title` = VALUES(`title`), `rank` = VALUES(`rank`);
--   1: text, field 1
--   2: int64, field 2

-- overwrite, walled
INSERT INTO `home`.`case` (`tenant_id`, `title`, `rank`) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE `title` = VALUES(`title`), `rank` = VALUES(`rank`);
--   1: text, the tenant
--   2: text, field 1
--   3: int64, field 2

-- count up
INSERT INTO `home`.`42_case` (`title`, `rank`) VALUES (?, ?) ON DUPLICATE KEY UPDATE `version` = `version` + ?;
--   1: text, field 1
--   2: int64, field 2
--   3: int64, 1

-- count up, walled
INSERT INTO `home`.`case` (`tenant_id`, `title`, `rank`) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE `version` = `version` + ?;
--   1: text, the tenant
--   2: text, field 1
--   3: int64, field 2
--   4: int64, 1

-- numbered, returning
INSERT INTO `home`.`42_case` (`id`, `title`, `rank`) SELECT "top"."n" + "new"."column1", "new"."column2", "new"."column3" FROM (SELECT coalesce(max(`id`), 0) AS "n" FROM `home`.`42_case` AS `case`) AS "top", (VALUES (1, ?, ?)) AS "new" WHERE 1 = 1 ORDER BY 1 ON DUPLICATE KEY UPDATE `rank` = VALUES(`rank`) RETURNING `id`, `title`;
--   1: text, field 1
--   2: int64, field 2

-- numbered, returning, walled
INSERT INTO `home`.`case` (`tenant_id`, `id`, `title`, `rank`) SELECT ?, "top"."n" + "new"."column1", "new"."column2", "new"."column3" FROM (SELECT coalesce(max(`id`), 0) AS "n" FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?) AS "top", (VALUES (1, ?, ?)) AS "new" WHERE 1 = 1 ORDER BY 2 ON DUPLICATE KEY UPDATE `rank` = VALUES(`rank`) RETURNING `id`, `title`;
--   1: text, the tenant
--   2: text, the tenant
--   3: text, field 1
--   4: int64, field 2

