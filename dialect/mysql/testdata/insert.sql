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

