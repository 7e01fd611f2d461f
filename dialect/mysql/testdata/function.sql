-- add of int64
SELECT (`case`.`rank` + ?) FROM `home`.`42_case` AS `case`;
--   1: int64, 2

-- add of int64, walled
SELECT (`case`.`rank` + ?) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: int64, 2
--   2: text, the tenant

-- sub of int64
SELECT (`case`.`rank` - ?) FROM `home`.`42_case` AS `case`;
--   1: int64, 2

-- sub of int64, walled
SELECT (`case`.`rank` - ?) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: int64, 2
--   2: text, the tenant

-- mul of int64
SELECT (`case`.`rank` * ?) FROM `home`.`42_case` AS `case`;
--   1: int64, 2

-- mul of int64, walled
SELECT (`case`.`rank` * ?) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: int64, 2
--   2: text, the tenant

-- div of int64
SELECT (`case`.`rank` DIV nullif(?, 0)) FROM `home`.`42_case` AS `case`;
--   1: int64, 2

-- div of int64, walled
SELECT (`case`.`rank` DIV nullif(?, 0)) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: int64, 2
--   2: text, the tenant

-- abs of int64
SELECT abs(`case`.`rank`) FROM `home`.`42_case` AS `case`;

-- abs of int64, walled
SELECT abs(`case`.`rank`) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- coalesce of int64
SELECT coalesce(`case`.`rank`, ?) FROM `home`.`42_case` AS `case`;
--   1: int64, 2

-- coalesce of int64, walled
SELECT coalesce(`case`.`rank`, ?) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: int64, 2
--   2: text, the tenant

-- add of float64
SELECT (`case`.`rank` + ?) FROM `home`.`42_case` AS `case`;
--   1: float64, 0.5

-- add of float64, walled
SELECT (`case`.`rank` + ?) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: float64, 0.5
--   2: text, the tenant

-- sub of float64
SELECT (`case`.`rank` - ?) FROM `home`.`42_case` AS `case`;
--   1: float64, 0.5

-- sub of float64, walled
SELECT (`case`.`rank` - ?) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: float64, 0.5
--   2: text, the tenant

-- mul of float64
SELECT (`case`.`rank` * ?) FROM `home`.`42_case` AS `case`;
--   1: float64, 0.5

-- mul of float64, walled
SELECT (`case`.`rank` * ?) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: float64, 0.5
--   2: text, the tenant

-- div of float64
SELECT (`case`.`rank` / nullif(?, 0)) FROM `home`.`42_case` AS `case`;
--   1: float64, 0.5

-- div of float64, walled
SELECT (`case`.`rank` / nullif(?, 0)) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: float64, 0.5
--   2: text, the tenant

-- abs of float64
SELECT abs(`case`.`rank`) FROM `home`.`42_case` AS `case`;

-- abs of float64, walled
SELECT abs(`case`.`rank`) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- coalesce of float64
SELECT coalesce(`case`.`rank`, ?) FROM `home`.`42_case` AS `case`;
--   1: float64, 0.5

-- coalesce of float64, walled
SELECT coalesce(`case`.`rank`, ?) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: float64, 0.5
--   2: text, the tenant

-- add of decimal
SELECT (`case`.`rank` + CAST(? AS DECIMAL(65,2))) FROM `home`.`42_case` AS `case`;
--   1: decimal, "1.25"

-- add of decimal, walled
SELECT (`case`.`rank` + CAST(? AS DECIMAL(65,2))) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: decimal, "1.25"
--   2: text, the tenant

-- sub of decimal
SELECT (`case`.`rank` - CAST(? AS DECIMAL(65,2))) FROM `home`.`42_case` AS `case`;
--   1: decimal, "1.25"

-- sub of decimal, walled
SELECT (`case`.`rank` - CAST(? AS DECIMAL(65,2))) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: decimal, "1.25"
--   2: text, the tenant

-- mul of decimal
SELECT (`case`.`rank` * CAST(? AS DECIMAL(65,2))) FROM `home`.`42_case` AS `case`;
--   1: decimal, "1.25"

-- mul of decimal, walled
SELECT (`case`.`rank` * CAST(? AS DECIMAL(65,2))) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: decimal, "1.25"
--   2: text, the tenant

-- abs of decimal
SELECT abs(`case`.`rank`) FROM `home`.`42_case` AS `case`;

-- abs of decimal, walled
SELECT abs(`case`.`rank`) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- coalesce of decimal
SELECT coalesce(`case`.`rank`, CAST(? AS DECIMAL(65,2))) FROM `home`.`42_case` AS `case`;
--   1: decimal, "1.25"

-- coalesce of decimal, walled
SELECT coalesce(`case`.`rank`, CAST(? AS DECIMAL(65,2))) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: decimal, "1.25"
--   2: text, the tenant

-- nested
SELECT ((`case`.`rank` + ?) * `case`.`rank`) FROM `home`.`42_case` AS `case`;
--   1: int64, 1

-- nested, walled
SELECT ((`case`.`rank` + ?) * `case`.`rank`) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: int64, 1
--   2: text, the tenant

-- concat
SELECT concat(`case`.`title`, ?, `case`.`note`) FROM `home`.`42_case` AS `case`;
--   1: text, " "

-- concat, walled
SELECT concat(`case`.`title`, ?, `case`.`note`) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, " "
--   2: text, the tenant

-- case
SELECT CASE WHEN `case`.`rank` = ? THEN ? WHEN `case`.`note` IS NULL THEN `case`.`title` END FROM `home`.`42_case` AS `case`;
--   1: int64, 1
--   2: text, "one"

-- case, walled
SELECT CASE WHEN `case`.`rank` = ? THEN ? WHEN `case`.`note` IS NULL THEN `case`.`title` END FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: int64, 1
--   2: text, "one"
--   3: text, the tenant

-- case with else
SELECT CASE WHEN `case`.`rank` = ? THEN `case`.`note` ELSE `case`.`title` END FROM `home`.`42_case` AS `case`;
--   1: int64, 1

-- case with else, walled
SELECT CASE WHEN `case`.`rank` = ? THEN `case`.`note` ELSE `case`.`title` END FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: int64, 1
--   2: text, the tenant

-- lower
SELECT lower(`case`.`title`) FROM `home`.`42_case` AS `case`;

-- lower, walled
SELECT lower(`case`.`title`) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- upper
SELECT upper(`case`.`title`) FROM `home`.`42_case` AS `case`;

-- upper, walled
SELECT upper(`case`.`title`) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- length
SELECT char_length(`case`.`title`) FROM `home`.`42_case` AS `case`;

-- length, walled
SELECT char_length(`case`.`title`) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- truncate to year
SELECT CAST(DATE_FORMAT(`case`.`at`, '%Y-01-01 00:00:00') AS DATETIME(6)) FROM `home`.`42_case` AS `case`;

-- truncate to year, walled
SELECT CAST(DATE_FORMAT(`case`.`at`, '%Y-01-01 00:00:00') AS DATETIME(6)) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- truncate to quarter
SELECT CAST(DATE_FORMAT(`case`.`at`, '%Y-01-01 00:00:00') + INTERVAL (QUARTER(`case`.`at`) - 1) * 3 MONTH AS DATETIME(6)) FROM `home`.`42_case` AS `case`;

-- truncate to quarter, walled
SELECT CAST(DATE_FORMAT(`case`.`at`, '%Y-01-01 00:00:00') + INTERVAL (QUARTER(`case`.`at`) - 1) * 3 MONTH AS DATETIME(6)) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- truncate to month
SELECT CAST(DATE_FORMAT(`case`.`at`, '%Y-%m-01 00:00:00') AS DATETIME(6)) FROM `home`.`42_case` AS `case`;

-- truncate to month, walled
SELECT CAST(DATE_FORMAT(`case`.`at`, '%Y-%m-01 00:00:00') AS DATETIME(6)) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- truncate to week
SELECT CAST(DATE(`case`.`at`) - INTERVAL WEEKDAY(`case`.`at`) DAY AS DATETIME(6)) FROM `home`.`42_case` AS `case`;

-- truncate to week, walled
SELECT CAST(DATE(`case`.`at`) - INTERVAL WEEKDAY(`case`.`at`) DAY AS DATETIME(6)) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- truncate to day
SELECT CAST(DATE_FORMAT(`case`.`at`, '%Y-%m-%d 00:00:00') AS DATETIME(6)) FROM `home`.`42_case` AS `case`;

-- truncate to day, walled
SELECT CAST(DATE_FORMAT(`case`.`at`, '%Y-%m-%d 00:00:00') AS DATETIME(6)) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- truncate to hour
SELECT CAST(DATE_FORMAT(`case`.`at`, '%Y-%m-%d %H:00:00') AS DATETIME(6)) FROM `home`.`42_case` AS `case`;

-- truncate to hour, walled
SELECT CAST(DATE_FORMAT(`case`.`at`, '%Y-%m-%d %H:00:00') AS DATETIME(6)) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- truncate to minute
SELECT CAST(DATE_FORMAT(`case`.`at`, '%Y-%m-%d %H:%i:00') AS DATETIME(6)) FROM `home`.`42_case` AS `case`;

-- truncate to minute, walled
SELECT CAST(DATE_FORMAT(`case`.`at`, '%Y-%m-%d %H:%i:00') AS DATETIME(6)) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- truncate to second
SELECT CAST(DATE_FORMAT(`case`.`at`, '%Y-%m-%d %H:%i:%s') AS DATETIME(6)) FROM `home`.`42_case` AS `case`;

-- truncate to second, walled
SELECT CAST(DATE_FORMAT(`case`.`at`, '%Y-%m-%d %H:%i:%s') AS DATETIME(6)) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, the tenant

-- path to text
SELECT CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) = 'STRING' THEN JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) END FROM `home`.`42_case` AS `case`;
--   1: text, "$.\"a\".\"b c\""
--   2: text, "$.\"a\".\"b c\""

-- path to text, walled
SELECT CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) = 'STRING' THEN JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) END FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, "$.\"a\".\"b c\""
--   2: text, "$.\"a\".\"b c\""
--   3: text, the tenant

-- path to bool
SELECT CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) = 'BOOLEAN' THEN JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) = 'true' END FROM `home`.`42_case` AS `case`;
--   1: text, "$.\"a\".\"b c\""
--   2: text, "$.\"a\".\"b c\""

-- path to bool, walled
SELECT CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) = 'BOOLEAN' THEN JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) = 'true' END FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, "$.\"a\".\"b c\""
--   2: text, "$.\"a\".\"b c\""
--   3: text, the tenant

-- path to float64
SELECT CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) IN ('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL') THEN JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) + 0e0 END FROM `home`.`42_case` AS `case`;
--   1: text, "$.\"a\".\"b c\""
--   2: text, "$.\"a\".\"b c\""

-- path to float64, walled
SELECT CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) IN ('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL') THEN JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) + 0e0 END FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, "$.\"a\".\"b c\""
--   2: text, "$.\"a\".\"b c\""
--   3: text, the tenant

-- path to int64
SELECT CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) IN ('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL') THEN CASE WHEN CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30)) = FLOOR(CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30))) AND CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30)) BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30)) AS SIGNED) END END FROM `home`.`42_case` AS `case`;
--   1: text, "$.\"a\".\"b c\""
--   2: text, "$.\"a\".\"b c\""
--   3: text, "$.\"a\".\"b c\""
--   4: text, "$.\"a\".\"b c\""
--   5: text, "$.\"a\".\"b c\""

-- path to int64, walled
SELECT CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) IN ('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL') THEN CASE WHEN CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30)) = FLOOR(CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30))) AND CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30)) BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30)) AS SIGNED) END END FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, "$.\"a\".\"b c\""
--   2: text, "$.\"a\".\"b c\""
--   3: text, "$.\"a\".\"b c\""
--   4: text, "$.\"a\".\"b c\""
--   5: text, "$.\"a\".\"b c\""
--   6: text, the tenant

-- literal time
SELECT CAST(? AS DATETIME(6)) FROM `home`.`42_case` AS `case`;
--   1: time, field 3

-- literal time, walled
SELECT CAST(? AS DATETIME(6)) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: time, field 3
--   2: text, the tenant

-- fragment
SELECT (row_number() over (order by `case`.`rank` desc, ?)) FROM `home`.`42_case` AS `case`;
--   1: int64, 1

-- fragment, walled
SELECT (row_number() over (order by `case`.`rank` desc, ?)) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: int64, 1
--   2: text, the tenant

