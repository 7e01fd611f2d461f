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

