-- add of int64
SELECT rowhouse_integer("case"."rank" + ?) FROM "home"."42_case" AS "case";
--   1: int64, 2

-- add of int64, walled
SELECT rowhouse_integer("case"."rank" + ?) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: int64, 2
--   2: text, the tenant

-- sub of int64
SELECT rowhouse_integer("case"."rank" - ?) FROM "home"."42_case" AS "case";
--   1: int64, 2

-- sub of int64, walled
SELECT rowhouse_integer("case"."rank" - ?) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: int64, 2
--   2: text, the tenant

-- mul of int64
SELECT rowhouse_integer("case"."rank" * ?) FROM "home"."42_case" AS "case";
--   1: int64, 2

-- mul of int64, walled
SELECT rowhouse_integer("case"."rank" * ?) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: int64, 2
--   2: text, the tenant

-- div of int64
SELECT rowhouse_integer("case"."rank" / ?) FROM "home"."42_case" AS "case";
--   1: int64, 2

-- div of int64, walled
SELECT rowhouse_integer("case"."rank" / ?) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: int64, 2
--   2: text, the tenant

-- abs of int64
SELECT abs("case"."rank") FROM "home"."42_case" AS "case";

-- abs of int64, walled
SELECT abs("case"."rank") FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, the tenant

-- coalesce of int64
SELECT coalesce("case"."rank", ?) FROM "home"."42_case" AS "case";
--   1: int64, 2

-- coalesce of int64, walled
SELECT coalesce("case"."rank", ?) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: int64, 2
--   2: text, the tenant

-- add of float64
SELECT rowhouse_float("case"."rank" + ?) FROM "home"."42_case" AS "case";
--   1: float64, 0.5

-- add of float64, walled
SELECT rowhouse_float("case"."rank" + ?) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: float64, 0.5
--   2: text, the tenant

-- sub of float64
SELECT rowhouse_float("case"."rank" - ?) FROM "home"."42_case" AS "case";
--   1: float64, 0.5

-- sub of float64, walled
SELECT rowhouse_float("case"."rank" - ?) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: float64, 0.5
--   2: text, the tenant

-- mul of float64
SELECT rowhouse_float("case"."rank" * ?) FROM "home"."42_case" AS "case";
--   1: float64, 0.5

-- mul of float64, walled
SELECT rowhouse_float("case"."rank" * ?) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: float64, 0.5
--   2: text, the tenant

-- div of float64
SELECT rowhouse_float("case"."rank" / ?) FROM "home"."42_case" AS "case";
--   1: float64, 0.5

-- div of float64, walled
SELECT rowhouse_float("case"."rank" / ?) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: float64, 0.5
--   2: text, the tenant

-- abs of float64
SELECT abs("case"."rank") FROM "home"."42_case" AS "case";

-- abs of float64, walled
SELECT abs("case"."rank") FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, the tenant

-- coalesce of float64
SELECT coalesce("case"."rank", ?) FROM "home"."42_case" AS "case";
--   1: float64, 0.5

-- coalesce of float64, walled
SELECT coalesce("case"."rank", ?) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: float64, 0.5
--   2: text, the tenant

-- add of decimal
SELECT CAST(rowhouse_decimal("case"."rank" + CAST(? AS NUMERIC)) AS NUMERIC) FROM "home"."42_case" AS "case";
--   1: decimal, "1.25"

-- add of decimal, walled
SELECT CAST(rowhouse_decimal("case"."rank" + CAST(? AS NUMERIC)) AS NUMERIC) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: decimal, "1.25"
--   2: text, the tenant

-- sub of decimal
SELECT CAST(rowhouse_decimal("case"."rank" - CAST(? AS NUMERIC)) AS NUMERIC) FROM "home"."42_case" AS "case";
--   1: decimal, "1.25"

-- sub of decimal, walled
SELECT CAST(rowhouse_decimal("case"."rank" - CAST(? AS NUMERIC)) AS NUMERIC) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: decimal, "1.25"
--   2: text, the tenant

-- mul of decimal
SELECT CAST(rowhouse_decimal("case"."rank" * CAST(? AS NUMERIC)) AS NUMERIC) FROM "home"."42_case" AS "case";
--   1: decimal, "1.25"

-- mul of decimal, walled
SELECT CAST(rowhouse_decimal("case"."rank" * CAST(? AS NUMERIC)) AS NUMERIC) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: decimal, "1.25"
--   2: text, the tenant

-- abs of decimal
SELECT CAST(abs("case"."rank") AS NUMERIC) FROM "home"."42_case" AS "case";

-- abs of decimal, walled
SELECT CAST(abs("case"."rank") AS NUMERIC) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, the tenant

-- coalesce of decimal
SELECT CAST(coalesce("case"."rank", CAST(? AS NUMERIC)) AS NUMERIC) FROM "home"."42_case" AS "case";
--   1: decimal, "1.25"

-- coalesce of decimal, walled
SELECT CAST(coalesce("case"."rank", CAST(? AS NUMERIC)) AS NUMERIC) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: decimal, "1.25"
--   2: text, the tenant

-- nested
SELECT rowhouse_integer(rowhouse_integer("case"."rank" + ?) * "case"."rank") FROM "home"."42_case" AS "case";
--   1: int64, 1

-- nested, walled
SELECT rowhouse_integer(rowhouse_integer("case"."rank" + ?) * "case"."rank") FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: int64, 1
--   2: text, the tenant

-- concat
SELECT ("case"."title" || ? || "case"."note") FROM "home"."42_case" AS "case";
--   1: text, " "

-- concat, walled
SELECT ("case"."title" || ? || "case"."note") FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, " "
--   2: text, the tenant

-- case
SELECT CASE WHEN "case"."rank" = ? THEN ? WHEN "case"."note" IS NULL THEN "case"."title" END FROM "home"."42_case" AS "case";
--   1: int64, 1
--   2: text, "one"

-- case, walled
SELECT CASE WHEN "case"."rank" = ? THEN ? WHEN "case"."note" IS NULL THEN "case"."title" END FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: int64, 1
--   2: text, "one"
--   3: text, the tenant

-- case with else
SELECT CASE WHEN "case"."rank" = ? THEN "case"."note" ELSE "case"."title" END FROM "home"."42_case" AS "case";
--   1: int64, 1

-- case with else, walled
SELECT CASE WHEN "case"."rank" = ? THEN "case"."note" ELSE "case"."title" END FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: int64, 1
--   2: text, the tenant

-- lower
SELECT rowhouse_lower("case"."title") FROM "home"."42_case" AS "case";

-- lower, walled
SELECT rowhouse_lower("case"."title") FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, the tenant

-- upper
SELECT rowhouse_upper("case"."title") FROM "home"."42_case" AS "case";

-- upper, walled
SELECT rowhouse_upper("case"."title") FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, the tenant

-- length
SELECT length("case"."title") FROM "home"."42_case" AS "case";

-- length, walled
SELECT length("case"."title") FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, the tenant

-- truncate to year
SELECT (substr("case"."at", 1, 4) || '-01-01 00:00:00.000000') FROM "home"."42_case" AS "case";

-- truncate to year, walled
SELECT (substr("case"."at", 1, 4) || '-01-01 00:00:00.000000') FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, the tenant

-- truncate to quarter
SELECT (substr("case"."at", 1, 5) || CASE WHEN substr("case"."at", 6, 2) < '04' THEN '01' WHEN substr("case"."at", 6, 2) < '07' THEN '04' WHEN substr("case"."at", 6, 2) < '10' THEN '07' ELSE '10' END || '-01 00:00:00.000000') FROM "home"."42_case" AS "case";

-- truncate to quarter, walled
SELECT (substr("case"."at", 1, 5) || CASE WHEN substr("case"."at", 6, 2) < '04' THEN '01' WHEN substr("case"."at", 6, 2) < '07' THEN '04' WHEN substr("case"."at", 6, 2) < '10' THEN '07' ELSE '10' END || '-01 00:00:00.000000') FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, the tenant

-- truncate to month
SELECT (substr("case"."at", 1, 7) || '-01 00:00:00.000000') FROM "home"."42_case" AS "case";

-- truncate to month, walled
SELECT (substr("case"."at", 1, 7) || '-01 00:00:00.000000') FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, the tenant

-- truncate to week
SELECT (date(substr("case"."at", 1, 10), 'weekday 0', '-6 days') || ' 00:00:00.000000') FROM "home"."42_case" AS "case";

-- truncate to week, walled
SELECT (date(substr("case"."at", 1, 10), 'weekday 0', '-6 days') || ' 00:00:00.000000') FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, the tenant

-- truncate to day
SELECT (substr("case"."at", 1, 10) || ' 00:00:00.000000') FROM "home"."42_case" AS "case";

-- truncate to day, walled
SELECT (substr("case"."at", 1, 10) || ' 00:00:00.000000') FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, the tenant

-- truncate to hour
SELECT (substr("case"."at", 1, 13) || ':00:00.000000') FROM "home"."42_case" AS "case";

-- truncate to hour, walled
SELECT (substr("case"."at", 1, 13) || ':00:00.000000') FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, the tenant

-- truncate to minute
SELECT (substr("case"."at", 1, 16) || ':00.000000') FROM "home"."42_case" AS "case";

-- truncate to minute, walled
SELECT (substr("case"."at", 1, 16) || ':00.000000') FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, the tenant

-- truncate to second
SELECT (substr("case"."at", 1, 19) || '.000000') FROM "home"."42_case" AS "case";

-- truncate to second, walled
SELECT (substr("case"."at", 1, 19) || '.000000') FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, the tenant

-- path to text
SELECT CASE json_type("case"."info", ?) WHEN 'text' THEN json_extract("case"."info", ?) END FROM "home"."42_case" AS "case";
--   1: text, "$.\"a\".\"b c\""
--   2: text, "$.\"a\".\"b c\""

-- path to text, walled
SELECT CASE json_type("case"."info", ?) WHEN 'text' THEN json_extract("case"."info", ?) END FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, "$.\"a\".\"b c\""
--   2: text, "$.\"a\".\"b c\""
--   3: text, the tenant

-- path to bool
SELECT CASE json_type("case"."info", ?) WHEN 'true' THEN 1 WHEN 'false' THEN 0 END FROM "home"."42_case" AS "case";
--   1: text, "$.\"a\".\"b c\""

-- path to bool, walled
SELECT CASE json_type("case"."info", ?) WHEN 'true' THEN 1 WHEN 'false' THEN 0 END FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, "$.\"a\".\"b c\""
--   2: text, the tenant

-- path to float64
SELECT CASE json_type("case"."info", ?) WHEN 'integer' THEN CAST(json_extract("case"."info", ?) AS REAL) WHEN 'real' THEN CAST(json_extract("case"."info", ?) AS REAL) END FROM "home"."42_case" AS "case";
--   1: text, "$.\"a\".\"b c\""
--   2: text, "$.\"a\".\"b c\""
--   3: text, "$.\"a\".\"b c\""

-- path to float64, walled
SELECT CASE json_type("case"."info", ?) WHEN 'integer' THEN CAST(json_extract("case"."info", ?) AS REAL) WHEN 'real' THEN CAST(json_extract("case"."info", ?) AS REAL) END FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, "$.\"a\".\"b c\""
--   2: text, "$.\"a\".\"b c\""
--   3: text, "$.\"a\".\"b c\""
--   4: text, the tenant

-- path to int64
SELECT CASE WHEN json_type("case"."info", ?) IN ('integer', 'real') AND json_extract("case"."info", ?) = CAST(json_extract("case"."info", ?) AS INTEGER) AND abs(json_extract("case"."info", ?) + 0.0) < 9223372036854775807.0 THEN CAST(json_extract("case"."info", ?) AS INTEGER) END FROM "home"."42_case" AS "case";
--   1: text, "$.\"a\".\"b c\""
--   2: text, "$.\"a\".\"b c\""
--   3: text, "$.\"a\".\"b c\""
--   4: text, "$.\"a\".\"b c\""
--   5: text, "$.\"a\".\"b c\""

-- path to int64, walled
SELECT CASE WHEN json_type("case"."info", ?) IN ('integer', 'real') AND json_extract("case"."info", ?) = CAST(json_extract("case"."info", ?) AS INTEGER) AND abs(json_extract("case"."info", ?) + 0.0) < 9223372036854775807.0 THEN CAST(json_extract("case"."info", ?) AS INTEGER) END FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, "$.\"a\".\"b c\""
--   2: text, "$.\"a\".\"b c\""
--   3: text, "$.\"a\".\"b c\""
--   4: text, "$.\"a\".\"b c\""
--   5: text, "$.\"a\".\"b c\""
--   6: text, the tenant

-- literal time
SELECT ? FROM "home"."42_case" AS "case";
--   1: time, field 3

-- literal time, walled
SELECT ? FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: time, field 3
--   2: text, the tenant

-- fragment
SELECT (row_number() over (order by "case"."rank" desc, ?)) FROM "home"."42_case" AS "case";
--   1: int64, 1

-- fragment, walled
SELECT (row_number() over (order by "case"."rank" desc, ?)) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: int64, 1
--   2: text, the tenant

