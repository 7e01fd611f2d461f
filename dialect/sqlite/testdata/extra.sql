-- value of bool
SELECT CASE json_type("case"."info", ?) WHEN 'true' THEN 1 WHEN 'false' THEN 0 END FROM "home"."42_case" AS "case";
--   1: text, "$.\"own\""

-- value of bool, walled
SELECT CASE json_type("case"."info", ?) WHEN 'true' THEN 1 WHEN 'false' THEN 0 END FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, "$.\"own\""
--   2: text, the tenant

-- set to bool
SELECT json_set(coalesce("case"."info", '{}'), ?, json(CASE WHEN ? THEN 'true' WHEN NOT (?) THEN 'false' END)) FROM "home"."42_case" AS "case";
--   1: text, "$.\"own\""
--   2: bool, field 3
--   3: bool, field 3

-- set to bool, walled
SELECT json_set(coalesce("case"."info", '{}'), ?, json(CASE WHEN ? THEN 'true' WHEN NOT (?) THEN 'false' END)) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, "$.\"own\""
--   2: bool, field 3
--   3: bool, field 3
--   4: text, the tenant

-- value of int16
SELECT CASE json_type("case"."info", ?) WHEN 'integer' THEN json_extract("case"."info", ?) END FROM "home"."42_case" AS "case";
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""

-- value of int16, walled
SELECT CASE json_type("case"."info", ?) WHEN 'integer' THEN json_extract("case"."info", ?) END FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""
--   3: text, the tenant

-- set to int16
SELECT json_set(coalesce("case"."info", '{}'), ?, ?) FROM "home"."42_case" AS "case";
--   1: text, "$.\"own\""
--   2: int16, field 3

-- set to int16, walled
SELECT json_set(coalesce("case"."info", '{}'), ?, ?) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, "$.\"own\""
--   2: int16, field 3
--   3: text, the tenant

-- value of int32
SELECT CASE json_type("case"."info", ?) WHEN 'integer' THEN json_extract("case"."info", ?) END FROM "home"."42_case" AS "case";
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""

-- value of int32, walled
SELECT CASE json_type("case"."info", ?) WHEN 'integer' THEN json_extract("case"."info", ?) END FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""
--   3: text, the tenant

-- set to int32
SELECT json_set(coalesce("case"."info", '{}'), ?, ?) FROM "home"."42_case" AS "case";
--   1: text, "$.\"own\""
--   2: int32, field 3

-- set to int32, walled
SELECT json_set(coalesce("case"."info", '{}'), ?, ?) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, "$.\"own\""
--   2: int32, field 3
--   3: text, the tenant

-- value of int64
SELECT CASE json_type("case"."info", ?) WHEN 'integer' THEN json_extract("case"."info", ?) END FROM "home"."42_case" AS "case";
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""

-- value of int64, walled
SELECT CASE json_type("case"."info", ?) WHEN 'integer' THEN json_extract("case"."info", ?) END FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""
--   3: text, the tenant

-- set to int64
SELECT json_set(coalesce("case"."info", '{}'), ?, ?) FROM "home"."42_case" AS "case";
--   1: text, "$.\"own\""
--   2: int64, field 3

-- set to int64, walled
SELECT json_set(coalesce("case"."info", '{}'), ?, ?) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, "$.\"own\""
--   2: int64, field 3
--   3: text, the tenant

-- value of float32
SELECT CASE json_type("case"."info", ?) WHEN 'integer' THEN CAST(json_extract("case"."info", ?) AS REAL) WHEN 'real' THEN CAST(json_extract("case"."info", ?) AS REAL) END FROM "home"."42_case" AS "case";
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""
--   3: text, "$.\"own\""

-- value of float32, walled
SELECT CASE json_type("case"."info", ?) WHEN 'integer' THEN CAST(json_extract("case"."info", ?) AS REAL) WHEN 'real' THEN CAST(json_extract("case"."info", ?) AS REAL) END FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""
--   3: text, "$.\"own\""
--   4: text, the tenant

-- set to float32
SELECT json_set(coalesce("case"."info", '{}'), ?, CAST(? AS REAL)) FROM "home"."42_case" AS "case";
--   1: text, "$.\"own\""
--   2: float32, field 3

-- set to float32, walled
SELECT json_set(coalesce("case"."info", '{}'), ?, CAST(? AS REAL)) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, "$.\"own\""
--   2: float32, field 3
--   3: text, the tenant

-- value of float64
SELECT CASE json_type("case"."info", ?) WHEN 'integer' THEN CAST(json_extract("case"."info", ?) AS REAL) WHEN 'real' THEN CAST(json_extract("case"."info", ?) AS REAL) END FROM "home"."42_case" AS "case";
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""
--   3: text, "$.\"own\""

-- value of float64, walled
SELECT CASE json_type("case"."info", ?) WHEN 'integer' THEN CAST(json_extract("case"."info", ?) AS REAL) WHEN 'real' THEN CAST(json_extract("case"."info", ?) AS REAL) END FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""
--   3: text, "$.\"own\""
--   4: text, the tenant

-- set to float64
SELECT json_set(coalesce("case"."info", '{}'), ?, CAST(? AS REAL)) FROM "home"."42_case" AS "case";
--   1: text, "$.\"own\""
--   2: float64, field 3

-- set to float64, walled
SELECT json_set(coalesce("case"."info", '{}'), ?, CAST(? AS REAL)) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, "$.\"own\""
--   2: float64, field 3
--   3: text, the tenant

-- value of decimal
SELECT CAST(CASE json_type("case"."info", ?) WHEN 'text' THEN json_extract("case"."info", ?) END AS NUMERIC) FROM "home"."42_case" AS "case";
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""

-- value of decimal, walled
SELECT CAST(CASE json_type("case"."info", ?) WHEN 'text' THEN json_extract("case"."info", ?) END AS NUMERIC) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""
--   3: text, the tenant

-- set to decimal
SELECT json_set(coalesce("case"."info", '{}'), ?, CAST(CAST(? AS NUMERIC) AS TEXT)) FROM "home"."42_case" AS "case";
--   1: text, "$.\"own\""
--   2: decimal, field 3

-- set to decimal, walled
SELECT json_set(coalesce("case"."info", '{}'), ?, CAST(CAST(? AS NUMERIC) AS TEXT)) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, "$.\"own\""
--   2: decimal, field 3
--   3: text, the tenant

-- value of text
SELECT CASE json_type("case"."info", ?) WHEN 'text' THEN json_extract("case"."info", ?) END FROM "home"."42_case" AS "case";
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""

-- value of text, walled
SELECT CASE json_type("case"."info", ?) WHEN 'text' THEN json_extract("case"."info", ?) END FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""
--   3: text, the tenant

-- set to text
SELECT json_set(coalesce("case"."info", '{}'), ?, CAST(? AS TEXT)) FROM "home"."42_case" AS "case";
--   1: text, "$.\"own\""
--   2: text, field 3

-- set to text, walled
SELECT json_set(coalesce("case"."info", '{}'), ?, CAST(? AS TEXT)) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, "$.\"own\""
--   2: text, field 3
--   3: text, the tenant

-- value of bytes
SELECT unhex(CASE json_type("case"."info", ?) WHEN 'text' THEN json_extract("case"."info", ?) END) FROM "home"."42_case" AS "case";
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""

-- value of bytes, walled
SELECT unhex(CASE json_type("case"."info", ?) WHEN 'text' THEN json_extract("case"."info", ?) END) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""
--   3: text, the tenant

-- set to bytes
SELECT json_set(coalesce("case"."info", '{}'), ?, CASE WHEN ? IS NOT NULL THEN lower(hex(?)) END) FROM "home"."42_case" AS "case";
--   1: text, "$.\"own\""
--   2: bytes, field 3
--   3: bytes, field 3

-- set to bytes, walled
SELECT json_set(coalesce("case"."info", '{}'), ?, CASE WHEN ? IS NOT NULL THEN lower(hex(?)) END) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, "$.\"own\""
--   2: bytes, field 3
--   3: bytes, field 3
--   4: text, the tenant

-- value of time
SELECT CASE json_type("case"."info", ?) WHEN 'text' THEN json_extract("case"."info", ?) END FROM "home"."42_case" AS "case";
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""

-- value of time, walled
SELECT CASE json_type("case"."info", ?) WHEN 'text' THEN json_extract("case"."info", ?) END FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""
--   3: text, the tenant

-- set to time
SELECT json_set(coalesce("case"."info", '{}'), ?, CAST(? AS TEXT)) FROM "home"."42_case" AS "case";
--   1: text, "$.\"own\""
--   2: time, field 3

-- set to time, walled
SELECT json_set(coalesce("case"."info", '{}'), ?, CAST(? AS TEXT)) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, "$.\"own\""
--   2: time, field 3
--   3: text, the tenant

-- value of uuid
SELECT unhex(CASE json_type("case"."info", ?) WHEN 'text' THEN json_extract("case"."info", ?) END) FROM "home"."42_case" AS "case";
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""

-- value of uuid, walled
SELECT unhex(CASE json_type("case"."info", ?) WHEN 'text' THEN json_extract("case"."info", ?) END) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""
--   3: text, the tenant

-- set to uuid
SELECT json_set(coalesce("case"."info", '{}'), ?, CASE WHEN ? IS NOT NULL THEN lower(hex(?)) END) FROM "home"."42_case" AS "case";
--   1: text, "$.\"own\""
--   2: uuid, field 3
--   3: uuid, field 3

-- set to uuid, walled
SELECT json_set(coalesce("case"."info", '{}'), ?, CASE WHEN ? IS NOT NULL THEN lower(hex(?)) END) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, "$.\"own\""
--   2: uuid, field 3
--   3: uuid, field 3
--   4: text, the tenant

-- value of json
SELECT CASE json_type("case"."info", ?) WHEN 'text' THEN json_extract("case"."info", ?) END FROM "home"."42_case" AS "case";
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""

-- value of json, walled
SELECT CASE json_type("case"."info", ?) WHEN 'text' THEN json_extract("case"."info", ?) END FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, "$.\"own\""
--   2: text, "$.\"own\""
--   3: text, the tenant

-- set to json
SELECT json_set(coalesce("case"."info", '{}'), ?, CAST(? AS TEXT)) FROM "home"."42_case" AS "case";
--   1: text, "$.\"own\""
--   2: json, field 3

-- set to json, walled
SELECT json_set(coalesce("case"."info", '{}'), ?, CAST(? AS TEXT)) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, "$.\"own\""
--   2: json, field 3
--   3: text, the tenant

-- merged
SELECT json_patch(coalesce("case"."info", '{}'), ?) FROM "home"."42_case" AS "case";
--   1: json, field 3

-- merged, walled
SELECT json_patch(coalesce("case"."info", '{}'), ?) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: json, field 3
--   2: text, the tenant

