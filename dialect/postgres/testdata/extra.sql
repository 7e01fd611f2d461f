-- value of bool
SELECT CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS boolean) FROM "home"."42_case" AS "case";
--   1: text, "strict $.\"own\" ? (@.type() == \"boolean\")"

-- value of bool, walled
SELECT CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS boolean) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: text, "strict $.\"own\" ? (@.type() == \"boolean\")"
--   2: text, the tenant

-- set to bool
SELECT (coalesce("case"."info", '{}') || jsonb_build_object(CAST($1 AS text), $2)) FROM "home"."42_case" AS "case";
--   1: text, "own"
--   2: bool, field 3

-- set to bool, walled
SELECT (coalesce("case"."info", '{}') || jsonb_build_object(CAST($1 AS text), $2)) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $3;
--   1: text, "own"
--   2: bool, field 3
--   3: text, the tenant

-- value of int16
SELECT CAST(CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS numeric) AS bigint) FROM "home"."42_case" AS "case";
--   1: text, "strict $.\"own\" ? (@.type() == \"number\" && @ == @.floor() && @ >= -9223372036854775808 && @ <= 9223372036854775807)"

-- value of int16, walled
SELECT CAST(CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS numeric) AS bigint) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: text, "strict $.\"own\" ? (@.type() == \"number\" && @ == @.floor() && @ >= -9223372036854775808 && @ <= 9223372036854775807)"
--   2: text, the tenant

-- set to int16
SELECT (coalesce("case"."info", '{}') || jsonb_build_object(CAST($1 AS text), CAST($2 AS smallint))) FROM "home"."42_case" AS "case";
--   1: text, "own"
--   2: int16, field 3

-- set to int16, walled
SELECT (coalesce("case"."info", '{}') || jsonb_build_object(CAST($1 AS text), CAST($2 AS smallint))) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $3;
--   1: text, "own"
--   2: int16, field 3
--   3: text, the tenant

-- value of int32
SELECT CAST(CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS numeric) AS bigint) FROM "home"."42_case" AS "case";
--   1: text, "strict $.\"own\" ? (@.type() == \"number\" && @ == @.floor() && @ >= -9223372036854775808 && @ <= 9223372036854775807)"

-- value of int32, walled
SELECT CAST(CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS numeric) AS bigint) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: text, "strict $.\"own\" ? (@.type() == \"number\" && @ == @.floor() && @ >= -9223372036854775808 && @ <= 9223372036854775807)"
--   2: text, the tenant

-- set to int32
SELECT (coalesce("case"."info", '{}') || jsonb_build_object(CAST($1 AS text), CAST($2 AS integer))) FROM "home"."42_case" AS "case";
--   1: text, "own"
--   2: int32, field 3

-- set to int32, walled
SELECT (coalesce("case"."info", '{}') || jsonb_build_object(CAST($1 AS text), CAST($2 AS integer))) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $3;
--   1: text, "own"
--   2: int32, field 3
--   3: text, the tenant

-- value of int64
SELECT CAST(CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS numeric) AS bigint) FROM "home"."42_case" AS "case";
--   1: text, "strict $.\"own\" ? (@.type() == \"number\" && @ == @.floor() && @ >= -9223372036854775808 && @ <= 9223372036854775807)"

-- value of int64, walled
SELECT CAST(CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS numeric) AS bigint) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: text, "strict $.\"own\" ? (@.type() == \"number\" && @ == @.floor() && @ >= -9223372036854775808 && @ <= 9223372036854775807)"
--   2: text, the tenant

-- set to int64
SELECT (coalesce("case"."info", '{}') || jsonb_build_object(CAST($1 AS text), $2)) FROM "home"."42_case" AS "case";
--   1: text, "own"
--   2: int64, field 3

-- set to int64, walled
SELECT (coalesce("case"."info", '{}') || jsonb_build_object(CAST($1 AS text), $2)) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $3;
--   1: text, "own"
--   2: int64, field 3
--   3: text, the tenant

-- value of float32
SELECT CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS double precision) FROM "home"."42_case" AS "case";
--   1: text, "strict $.\"own\" ? (@.type() == \"number\")"

-- value of float32, walled
SELECT CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS double precision) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: text, "strict $.\"own\" ? (@.type() == \"number\")"
--   2: text, the tenant

-- set to float32
SELECT (coalesce("case"."info", '{}') || jsonb_build_object(CAST($1 AS text), CAST($2 AS double precision))) FROM "home"."42_case" AS "case";
--   1: text, "own"
--   2: float32, field 3

-- set to float32, walled
SELECT (coalesce("case"."info", '{}') || jsonb_build_object(CAST($1 AS text), CAST($2 AS double precision))) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $3;
--   1: text, "own"
--   2: float32, field 3
--   3: text, the tenant

-- value of float64
SELECT CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS double precision) FROM "home"."42_case" AS "case";
--   1: text, "strict $.\"own\" ? (@.type() == \"number\")"

-- value of float64, walled
SELECT CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS double precision) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: text, "strict $.\"own\" ? (@.type() == \"number\")"
--   2: text, the tenant

-- set to float64
SELECT (coalesce("case"."info", '{}') || jsonb_build_object(CAST($1 AS text), $2)) FROM "home"."42_case" AS "case";
--   1: text, "own"
--   2: float64, field 3

-- set to float64, walled
SELECT (coalesce("case"."info", '{}') || jsonb_build_object(CAST($1 AS text), $2)) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $3;
--   1: text, "own"
--   2: float64, field 3
--   3: text, the tenant

-- value of decimal
SELECT CAST(CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS text) AS numeric(12,2)) FROM "home"."42_case" AS "case";
--   1: text, "strict $.\"own\" ? (@.type() == \"string\")"

-- value of decimal, walled
SELECT CAST(CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS text) AS numeric(12,2)) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: text, "strict $.\"own\" ? (@.type() == \"string\")"
--   2: text, the tenant

-- set to decimal
SELECT (coalesce("case"."info", '{}') || jsonb_build_object(CAST($1 AS text), CAST(CAST($2 AS numeric(12,2)) AS text))) FROM "home"."42_case" AS "case";
--   1: text, "own"
--   2: decimal, field 3

-- set to decimal, walled
SELECT (coalesce("case"."info", '{}') || jsonb_build_object(CAST($1 AS text), CAST(CAST($2 AS numeric(12,2)) AS text))) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $3;
--   1: text, "own"
--   2: decimal, field 3
--   3: text, the tenant

-- value of text
SELECT CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS text) FROM "home"."42_case" AS "case";
--   1: text, "strict $.\"own\" ? (@.type() == \"string\")"

-- value of text, walled
SELECT CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS text) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: text, "strict $.\"own\" ? (@.type() == \"string\")"
--   2: text, the tenant

-- set to text
SELECT (coalesce("case"."info", '{}') || jsonb_build_object(CAST($1 AS text), CAST($2 AS text))) FROM "home"."42_case" AS "case";
--   1: text, "own"
--   2: text, field 3

-- set to text, walled
SELECT (coalesce("case"."info", '{}') || jsonb_build_object(CAST($1 AS text), CAST($2 AS text))) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $3;
--   1: text, "own"
--   2: text, field 3
--   3: text, the tenant

-- value of bytes
SELECT decode(CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS text), 'hex') FROM "home"."42_case" AS "case";
--   1: text, "strict $.\"own\" ? (@.type() == \"string\")"

-- value of bytes, walled
SELECT decode(CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS text), 'hex') FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: text, "strict $.\"own\" ? (@.type() == \"string\")"
--   2: text, the tenant

-- set to bytes
SELECT (coalesce("case"."info", '{}') || jsonb_build_object(CAST($1 AS text), encode($2, 'hex'))) FROM "home"."42_case" AS "case";
--   1: text, "own"
--   2: bytes, field 3

-- set to bytes, walled
SELECT (coalesce("case"."info", '{}') || jsonb_build_object(CAST($1 AS text), encode($2, 'hex'))) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $3;
--   1: text, "own"
--   2: bytes, field 3
--   3: text, the tenant

-- value of time
SELECT CAST((CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS text) || '+00') AS timestamptz) FROM "home"."42_case" AS "case";
--   1: text, "strict $.\"own\" ? (@.type() == \"string\")"

-- value of time, walled
SELECT CAST((CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS text) || '+00') AS timestamptz) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: text, "strict $.\"own\" ? (@.type() == \"string\")"
--   2: text, the tenant

-- set to time
SELECT (coalesce("case"."info", '{}') || jsonb_build_object(CAST($1 AS text), to_char($2 AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'))) FROM "home"."42_case" AS "case";
--   1: text, "own"
--   2: time, field 3

-- set to time, walled
SELECT (coalesce("case"."info", '{}') || jsonb_build_object(CAST($1 AS text), to_char($2 AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'))) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $3;
--   1: text, "own"
--   2: time, field 3
--   3: text, the tenant

-- value of uuid
SELECT CAST(CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS text) AS uuid) FROM "home"."42_case" AS "case";
--   1: text, "strict $.\"own\" ? (@.type() == \"string\")"

-- value of uuid, walled
SELECT CAST(CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS text) AS uuid) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: text, "strict $.\"own\" ? (@.type() == \"string\")"
--   2: text, the tenant

-- set to uuid
SELECT (coalesce("case"."info", '{}') || jsonb_build_object(CAST($1 AS text), replace(CAST($2 AS text), '-', ''))) FROM "home"."42_case" AS "case";
--   1: text, "own"
--   2: uuid, field 3

-- set to uuid, walled
SELECT (coalesce("case"."info", '{}') || jsonb_build_object(CAST($1 AS text), replace(CAST($2 AS text), '-', ''))) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $3;
--   1: text, "own"
--   2: uuid, field 3
--   3: text, the tenant

-- value of json
SELECT CAST(CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS text) AS jsonb) FROM "home"."42_case" AS "case";
--   1: text, "strict $.\"own\" ? (@.type() == \"string\")"

-- value of json, walled
SELECT CAST(CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS text) AS jsonb) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: text, "strict $.\"own\" ? (@.type() == \"string\")"
--   2: text, the tenant

-- set to json
SELECT (coalesce("case"."info", '{}') || jsonb_build_object(CAST($1 AS text), CAST($2 AS text))) FROM "home"."42_case" AS "case";
--   1: text, "own"
--   2: json, field 3

-- set to json, walled
SELECT (coalesce("case"."info", '{}') || jsonb_build_object(CAST($1 AS text), CAST($2 AS text))) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $3;
--   1: text, "own"
--   2: json, field 3
--   3: text, the tenant

-- merged
SELECT (coalesce("case"."info", '{}') || $1) FROM "home"."42_case" AS "case";
--   1: json, field 3

-- merged, walled
SELECT (coalesce("case"."info", '{}') || $1) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: json, field 3
--   2: text, the tenant

