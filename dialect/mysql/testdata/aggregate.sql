-- count of int64
SELECT count(`case`.`rank`) FROM `home`.`42_case` AS `case`;

-- count of int64, walled
SELECT count(`case`.`rank`) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- count of float64
SELECT count(`case`.`rank`) FROM `home`.`42_case` AS `case`;

-- count of float64, walled
SELECT count(`case`.`rank`) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- count of decimal
SELECT count(`case`.`rank`) FROM `home`.`42_case` AS `case`;

-- count of decimal, walled
SELECT count(`case`.`rank`) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- count distinct of int64
SELECT count(DISTINCT `case`.`rank`) FROM `home`.`42_case` AS `case`;

-- count distinct of int64, walled
SELECT count(DISTINCT `case`.`rank`) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- count distinct of float64
SELECT count(DISTINCT `case`.`rank`) FROM `home`.`42_case` AS `case`;

-- count distinct of float64, walled
SELECT count(DISTINCT `case`.`rank`) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- count distinct of decimal
SELECT count(DISTINCT `case`.`rank`) FROM `home`.`42_case` AS `case`;

-- count distinct of decimal, walled
SELECT count(DISTINCT `case`.`rank`) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- sum of int64
SELECT coalesce(sum(`case`.`rank`), 0) FROM `home`.`42_case` AS `case`;

-- sum of int64, walled
SELECT coalesce(sum(`case`.`rank`), 0) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- sum of float64
SELECT coalesce(sum(`case`.`rank`), 0) FROM `home`.`42_case` AS `case`;

-- sum of float64, walled
SELECT coalesce(sum(`case`.`rank`), 0) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- sum of decimal
SELECT coalesce(sum(`case`.`rank`), 0) FROM `home`.`42_case` AS `case`;

-- sum of decimal, walled
SELECT coalesce(sum(`case`.`rank`), 0) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- total of int64
SELECT coalesce(sum(`case`.`rank`), 0) FROM `home`.`42_case` AS `case`;

-- total of int64, walled
SELECT coalesce(sum(`case`.`rank`), 0) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- total of float64
SELECT coalesce(sum(`case`.`rank`), 0) FROM `home`.`42_case` AS `case`;

-- total of float64, walled
SELECT coalesce(sum(`case`.`rank`), 0) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- total of decimal
SELECT coalesce(sum(`case`.`rank`), 0) FROM `home`.`42_case` AS `case`;

-- total of decimal, walled
SELECT coalesce(sum(`case`.`rank`), 0) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- avg of int64
SELECT ((sum(`case`.`rank`) + 0e0) / nullif(count(`case`.`rank`), 0)) FROM `home`.`42_case` AS `case`;

-- avg of int64, walled
SELECT ((sum(`case`.`rank`) + 0e0) / nullif(count(`case`.`rank`), 0)) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- avg of float64
SELECT ((sum(`case`.`rank`) + 0e0) / nullif(count(`case`.`rank`), 0)) FROM `home`.`42_case` AS `case`;

-- avg of float64, walled
SELECT ((sum(`case`.`rank`) + 0e0) / nullif(count(`case`.`rank`), 0)) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- avg of decimal
SELECT ((sum(`case`.`rank`) + 0e0) / nullif(count(`case`.`rank`), 0)) FROM `home`.`42_case` AS `case`;

-- avg of decimal, walled
SELECT ((sum(`case`.`rank`) + 0e0) / nullif(count(`case`.`rank`), 0)) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- min of int64
SELECT min(`case`.`rank`) FROM `home`.`42_case` AS `case`;

-- min of int64, walled
SELECT min(`case`.`rank`) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- min of float64
SELECT min(`case`.`rank`) FROM `home`.`42_case` AS `case`;

-- min of float64, walled
SELECT min(`case`.`rank`) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- min of decimal
SELECT min(`case`.`rank`) FROM `home`.`42_case` AS `case`;

-- min of decimal, walled
SELECT min(`case`.`rank`) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- max of int64
SELECT max(`case`.`rank`) FROM `home`.`42_case` AS `case`;

-- max of int64, walled
SELECT max(`case`.`rank`) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- max of float64
SELECT max(`case`.`rank`) FROM `home`.`42_case` AS `case`;

-- max of float64, walled
SELECT max(`case`.`rank`) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- max of decimal
SELECT max(`case`.`rank`) FROM `home`.`42_case` AS `case`;

-- max of decimal, walled
SELECT max(`case`.`rank`) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

