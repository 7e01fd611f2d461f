-- value of bool
SELECT CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) = 'BOOLEAN' THEN JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) = 'true' END FROM `home`.`42_case` AS `case`;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""

-- value of bool, walled
SELECT CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) = 'BOOLEAN' THEN JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) = 'true' END FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""
--   3: text, the tenant

-- set to bool
SELECT JSON_SET(coalesce(`case`.`info`, '{}'), ?, JSON_EXTRACT(CASE WHEN ? THEN 'true' WHEN NOT (?) THEN 'false' END, '$')) FROM `home`.`42_case` AS `case`;
--   1: text, "$.\"own\""
--   2: bool, field 3
--   3: bool, field 3

-- set to bool, walled
SELECT JSON_SET(coalesce(`case`.`info`, '{}'), ?, JSON_EXTRACT(CASE WHEN ? THEN 'true' WHEN NOT (?) THEN 'false' END, '$')) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, "$.\"own\""
--   2: bool, field 3
--   3: bool, field 3
--   4: text, the tenant

-- value of int16
SELECT CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) IN ('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL') THEN CASE WHEN CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30)) = FLOOR(CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30))) AND CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30)) BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30)) AS SIGNED) END END FROM `home`.`42_case` AS `case`;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""
--   3: text, "$.\"own\""
--   4: text, "$.\"own\""
--   5: text, "$.\"own\""

-- value of int16, walled
SELECT CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) IN ('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL') THEN CASE WHEN CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30)) = FLOOR(CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30))) AND CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30)) BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30)) AS SIGNED) END END FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""
--   3: text, "$.\"own\""
--   4: text, "$.\"own\""
--   5: text, "$.\"own\""
--   6: text, the tenant

-- set to int16
SELECT JSON_SET(coalesce(`case`.`info`, '{}'), ?, ?) FROM `home`.`42_case` AS `case`;
--   1: text, "$.\"own\""
--   2: int16, field 3

-- set to int16, walled
SELECT JSON_SET(coalesce(`case`.`info`, '{}'), ?, ?) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, "$.\"own\""
--   2: int16, field 3
--   3: text, the tenant

-- value of int32
SELECT CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) IN ('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL') THEN CASE WHEN CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30)) = FLOOR(CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30))) AND CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30)) BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30)) AS SIGNED) END END FROM `home`.`42_case` AS `case`;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""
--   3: text, "$.\"own\""
--   4: text, "$.\"own\""
--   5: text, "$.\"own\""

-- value of int32, walled
SELECT CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) IN ('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL') THEN CASE WHEN CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30)) = FLOOR(CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30))) AND CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30)) BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30)) AS SIGNED) END END FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""
--   3: text, "$.\"own\""
--   4: text, "$.\"own\""
--   5: text, "$.\"own\""
--   6: text, the tenant

-- set to int32
SELECT JSON_SET(coalesce(`case`.`info`, '{}'), ?, ?) FROM `home`.`42_case` AS `case`;
--   1: text, "$.\"own\""
--   2: int32, field 3

-- set to int32, walled
SELECT JSON_SET(coalesce(`case`.`info`, '{}'), ?, ?) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, "$.\"own\""
--   2: int32, field 3
--   3: text, the tenant

-- value of int64
SELECT CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) IN ('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL') THEN CASE WHEN CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30)) = FLOOR(CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30))) AND CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30)) BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30)) AS SIGNED) END END FROM `home`.`42_case` AS `case`;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""
--   3: text, "$.\"own\""
--   4: text, "$.\"own\""
--   5: text, "$.\"own\""

-- value of int64, walled
SELECT CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) IN ('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL') THEN CASE WHEN CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30)) = FLOOR(CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30))) AND CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30)) BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(CAST(JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) AS DECIMAL(65,30)) AS SIGNED) END END FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""
--   3: text, "$.\"own\""
--   4: text, "$.\"own\""
--   5: text, "$.\"own\""
--   6: text, the tenant

-- set to int64
SELECT JSON_SET(coalesce(`case`.`info`, '{}'), ?, ?) FROM `home`.`42_case` AS `case`;
--   1: text, "$.\"own\""
--   2: int64, field 3

-- set to int64, walled
SELECT JSON_SET(coalesce(`case`.`info`, '{}'), ?, ?) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, "$.\"own\""
--   2: int64, field 3
--   3: text, the tenant

-- value of float32
SELECT CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) IN ('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL') THEN JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) + 0e0 END FROM `home`.`42_case` AS `case`;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""

-- value of float32, walled
SELECT CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) IN ('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL') THEN JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) + 0e0 END FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""
--   3: text, the tenant

-- set to float32
SELECT JSON_SET(coalesce(`case`.`info`, '{}'), ?, (? + 0e0)) FROM `home`.`42_case` AS `case`;
--   1: text, "$.\"own\""
--   2: float32, field 3

-- set to float32, walled
SELECT JSON_SET(coalesce(`case`.`info`, '{}'), ?, (? + 0e0)) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, "$.\"own\""
--   2: float32, field 3
--   3: text, the tenant

-- value of float64
SELECT CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) IN ('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL') THEN JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) + 0e0 END FROM `home`.`42_case` AS `case`;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""

-- value of float64, walled
SELECT CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) IN ('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL') THEN JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) + 0e0 END FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""
--   3: text, the tenant

-- set to float64
SELECT JSON_SET(coalesce(`case`.`info`, '{}'), ?, (? + 0e0)) FROM `home`.`42_case` AS `case`;
--   1: text, "$.\"own\""
--   2: float64, field 3

-- set to float64, walled
SELECT JSON_SET(coalesce(`case`.`info`, '{}'), ?, (? + 0e0)) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, "$.\"own\""
--   2: float64, field 3
--   3: text, the tenant

-- value of decimal
SELECT CAST(CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) = 'STRING' THEN JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) END AS DECIMAL(12,2)) FROM `home`.`42_case` AS `case`;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""

-- value of decimal, walled
SELECT CAST(CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) = 'STRING' THEN JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) END AS DECIMAL(12,2)) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""
--   3: text, the tenant

-- set to decimal
SELECT JSON_SET(coalesce(`case`.`info`, '{}'), ?, CAST(CAST(? AS DECIMAL(12,2)) AS CHAR)) FROM `home`.`42_case` AS `case`;
--   1: text, "$.\"own\""
--   2: decimal, field 3

-- set to decimal, walled
SELECT JSON_SET(coalesce(`case`.`info`, '{}'), ?, CAST(CAST(? AS DECIMAL(12,2)) AS CHAR)) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, "$.\"own\""
--   2: decimal, field 3
--   3: text, the tenant

-- value of text
SELECT (CONVERT(CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) = 'STRING' THEN JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) END USING utf8mb4) COLLATE utf8mb4_0900_bin) FROM `home`.`42_case` AS `case`;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""

-- value of text, walled
SELECT (CONVERT(CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) = 'STRING' THEN JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) END USING utf8mb4) COLLATE utf8mb4_0900_bin) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""
--   3: text, the tenant

-- set to text
SELECT JSON_SET(coalesce(`case`.`info`, '{}'), ?, CAST(? AS CHAR)) FROM `home`.`42_case` AS `case`;
--   1: text, "$.\"own\""
--   2: text, field 3

-- set to text, walled
SELECT JSON_SET(coalesce(`case`.`info`, '{}'), ?, CAST(? AS CHAR)) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, "$.\"own\""
--   2: text, field 3
--   3: text, the tenant

-- value of bytes
SELECT unhex(CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) = 'STRING' THEN JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) END) FROM `home`.`42_case` AS `case`;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""

-- value of bytes, walled
SELECT unhex(CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) = 'STRING' THEN JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) END) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""
--   3: text, the tenant

-- set to bytes
SELECT JSON_SET(coalesce(`case`.`info`, '{}'), ?, LOWER(HEX(?))) FROM `home`.`42_case` AS `case`;
--   1: text, "$.\"own\""
--   2: bytes, field 3

-- set to bytes, walled
SELECT JSON_SET(coalesce(`case`.`info`, '{}'), ?, LOWER(HEX(?))) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, "$.\"own\""
--   2: bytes, field 3
--   3: text, the tenant

-- value of time
SELECT CAST(CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) = 'STRING' THEN JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) END AS DATETIME(6)) FROM `home`.`42_case` AS `case`;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""

-- value of time, walled
SELECT CAST(CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) = 'STRING' THEN JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) END AS DATETIME(6)) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""
--   3: text, the tenant

-- set to time
SELECT JSON_SET(coalesce(`case`.`info`, '{}'), ?, DATE_FORMAT(?, '%Y-%m-%d %H:%i:%s.%f')) FROM `home`.`42_case` AS `case`;
--   1: text, "$.\"own\""
--   2: time, field 3

-- set to time, walled
SELECT JSON_SET(coalesce(`case`.`info`, '{}'), ?, DATE_FORMAT(?, '%Y-%m-%d %H:%i:%s.%f')) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, "$.\"own\""
--   2: time, field 3
--   3: text, the tenant

-- value of uuid
SELECT unhex(CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) = 'STRING' THEN JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) END) FROM `home`.`42_case` AS `case`;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""

-- value of uuid, walled
SELECT unhex(CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) = 'STRING' THEN JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) END) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""
--   3: text, the tenant

-- set to uuid
SELECT JSON_SET(coalesce(`case`.`info`, '{}'), ?, LOWER(HEX(?))) FROM `home`.`42_case` AS `case`;
--   1: text, "$.\"own\""
--   2: uuid, field 3

-- set to uuid, walled
SELECT JSON_SET(coalesce(`case`.`info`, '{}'), ?, LOWER(HEX(?))) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, "$.\"own\""
--   2: uuid, field 3
--   3: text, the tenant

-- value of json
SELECT (CONVERT(CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) = 'STRING' THEN JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) END USING utf8mb4) COLLATE utf8mb4_0900_bin) FROM `home`.`42_case` AS `case`;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""

-- value of json, walled
SELECT (CONVERT(CASE WHEN JSON_TYPE(JSON_EXTRACT(`case`.`info`, ?)) = 'STRING' THEN JSON_UNQUOTE(JSON_EXTRACT(`case`.`info`, ?)) END USING utf8mb4) COLLATE utf8mb4_0900_bin) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""
--   3: text, the tenant

-- set to json
SELECT JSON_SET(coalesce(`case`.`info`, '{}'), ?, CAST(? AS CHAR)) FROM `home`.`42_case` AS `case`;
--   1: text, "$.\"own\""
--   2: json, field 3

-- set to json, walled
SELECT JSON_SET(coalesce(`case`.`info`, '{}'), ?, CAST(? AS CHAR)) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: text, "$.\"own\""
--   2: json, field 3
--   3: text, the tenant

-- merged
SELECT JSON_MERGE_PATCH(coalesce(`case`.`info`, '{}'), ?) FROM `home`.`42_case` AS `case`;
--   1: json, field 3

-- merged, walled
SELECT JSON_MERGE_PATCH(coalesce(`case`.`info`, '{}'), ?) FROM `home`.`case` AS `case` WHERE `case`.`tenant_id` = ?;
--   1: json, field 3
--   2: text, the tenant

