-- one row
INSERT INTO `home`.`42_case` (`title`, `rank`) VALUES (?, ?);
--   1: text, field 1
--   2: int64, field 2

-- one row, walled
INSERT INTO `home`.`case` (`tenant_id`, `title`, `rank`) VALUES (?, ?, ?);
--   1: text, the tenant
--   2: text, field 1
--   3: int64, field 2

-- three rows
INSERT INTO `home`.`42_case` (`title`, `rank`) VALUES (?, ?), (?, ?), (?, ?);
--   1: text, field 1
--   2: int64, field 2
--   3: text, field 1
--   4: int64, field 2
--   5: text, field 1
--   6: int64, field 2

-- three rows, walled
INSERT INTO `home`.`case` (`tenant_id`, `title`, `rank`) VALUES (?, ?, ?), (?, ?, ?), (?, ?, ?);
--   1: text, the tenant
--   2: text, field 1
--   3: int64, field 2
--   4: text, the tenant
--   5: text, field 1
--   6: int64, field 2
--   7: text, the tenant
--   8: text, field 1
--   9: int64, field 2

-- returning
INSERT INTO `home`.`42_case` (`title`, `rank`) VALUES (?, ?) RETURNING `id`, `rank`;
--   1: text, field 1
--   2: int64, field 2

-- returning, walled
INSERT INTO `home`.`case` (`tenant_id`, `title`, `rank`) VALUES (?, ?, ?) RETURNING `id`, `rank`;
--   1: text, the tenant
--   2: text, field 1
--   3: int64, field 2

-- two rows returning
INSERT INTO `home`.`42_case` (`title`, `rank`) VALUES (?, ?), (?, ?) RETURNING `id`;
--   1: text, field 1
--   2: int64, field 2
--   3: text, field 1
--   4: int64, field 2

-- two rows returning, walled
INSERT INTO `home`.`case` (`tenant_id`, `title`, `rank`) VALUES (?, ?, ?), (?, ?, ?) RETURNING `id`;
--   1: text, the tenant
--   2: text, field 1
--   3: int64, field 2
--   4: text, the tenant
--   5: text, field 1
--   6: int64, field 2

-- two rows numbered
INSERT INTO `home`.`42_case` (`id`, `title`, `rank`) SELECT "top"."n" + "new"."column1", "new"."column2", "new"."column3" FROM (SELECT coalesce(max(`id`), 0) AS "n" FROM `home`.`42_case` AS `case`) AS "top", (VALUES (1, ?, ?), (2, ?, ?)) AS "new" WHERE 1 = 1 ORDER BY 1;
--   1: text, field 1
--   2: int64, field 2
--   3: text, field 1
--   4: int64, field 2

-- two rows numbered, walled
INSERT INTO `home`.`case` (`tenant_id`, `id`, `title`, `rank`) SELECT ?, "top"."n" + "new"."column1", "new"."column2", "new"."column3" FROM (SELECT coalesce(max(`id`), 0) AS "n" FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?) AS "top", (VALUES (1, ?, ?), (2, ?, ?)) AS "new" WHERE 1 = 1 ORDER BY 2;
--   1: text, the tenant
--   2: text, the tenant
--   3: text, field 1
--   4: int64, field 2
--   5: text, field 1
--   6: int64, field 2

-- numbered returning
INSERT INTO `home`.`42_case` (`id`, `title`, `rank`) SELECT "top"."n" + "new"."column1", "new"."column2", "new"."column3" FROM (SELECT coalesce(max(`id`), 0) AS "n" FROM `home`.`42_case` AS `case`) AS "top", (VALUES (1, ?, ?)) AS "new" WHERE 1 = 1 ORDER BY 1 RETURNING `id`;
--   1: text, field 1
--   2: int64, field 2

-- numbered returning, walled
INSERT INTO `home`.`case` (`tenant_id`, `id`, `title`, `rank`) SELECT ?, "top"."n" + "new"."column1", "new"."column2", "new"."column3" FROM (SELECT coalesce(max(`id`), 0) AS "n" FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?) AS "top", (VALUES (1, ?, ?)) AS "new" WHERE 1 = 1 ORDER BY 2 RETURNING `id`;
--   1: text, the tenant
--   2: text, the tenant
--   3: text, field 1
--   4: int64, field 2

