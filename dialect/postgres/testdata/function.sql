-- add of int64
SELECT (CAST("case"."rank" AS bigint) + CAST($1 AS bigint)) FROM "home"."42_case" AS "case";
--   1: int64, 2

-- add of int64, walled
SELECT (CAST("case"."rank" AS bigint) + CAST($1 AS bigint)) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: int64, 2
--   2: text, the tenant

-- sub of int64
SELECT (CAST("case"."rank" AS bigint) - CAST($1 AS bigint)) FROM "home"."42_case" AS "case";
--   1: int64, 2

-- sub of int64, walled
SELECT (CAST("case"."rank" AS bigint) - CAST($1 AS bigint)) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: int64, 2
--   2: text, the tenant

-- mul of int64
SELECT (CAST("case"."rank" AS bigint) * CAST($1 AS bigint)) FROM "home"."42_case" AS "case";
--   1: int64, 2

-- mul of int64, walled
SELECT (CAST("case"."rank" AS bigint) * CAST($1 AS bigint)) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: int64, 2
--   2: text, the tenant

-- div of int64
SELECT (CAST("case"."rank" AS bigint) / nullif(CAST($1 AS bigint), 0)) FROM "home"."42_case" AS "case";
--   1: int64, 2

-- div of int64, walled
SELECT (CAST("case"."rank" AS bigint) / nullif(CAST($1 AS bigint), 0)) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: int64, 2
--   2: text, the tenant

-- abs of int64
SELECT abs(CAST("case"."rank" AS bigint)) FROM "home"."42_case" AS "case";

-- abs of int64, walled
SELECT abs(CAST("case"."rank" AS bigint)) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1;
--   1: text, the tenant

-- coalesce of int64
SELECT coalesce("case"."rank", $1) FROM "home"."42_case" AS "case";
--   1: int64, 2

-- coalesce of int64, walled
SELECT coalesce("case"."rank", $1) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: int64, 2
--   2: text, the tenant

-- add of float64
SELECT (CAST("case"."rank" AS double precision) + CAST($1 AS double precision)) FROM "home"."42_case" AS "case";
--   1: float64, 0.5

-- add of float64, walled
SELECT (CAST("case"."rank" AS double precision) + CAST($1 AS double precision)) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: float64, 0.5
--   2: text, the tenant

-- sub of float64
SELECT (CAST("case"."rank" AS double precision) - CAST($1 AS double precision)) FROM "home"."42_case" AS "case";
--   1: float64, 0.5

-- sub of float64, walled
SELECT (CAST("case"."rank" AS double precision) - CAST($1 AS double precision)) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: float64, 0.5
--   2: text, the tenant

-- mul of float64
SELECT (CAST("case"."rank" AS double precision) * CAST($1 AS double precision)) FROM "home"."42_case" AS "case";
--   1: float64, 0.5

-- mul of float64, walled
SELECT (CAST("case"."rank" AS double precision) * CAST($1 AS double precision)) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: float64, 0.5
--   2: text, the tenant

-- div of float64
SELECT (CAST("case"."rank" AS double precision) / nullif(CAST($1 AS double precision), 0)) FROM "home"."42_case" AS "case";
--   1: float64, 0.5

-- div of float64, walled
SELECT (CAST("case"."rank" AS double precision) / nullif(CAST($1 AS double precision), 0)) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: float64, 0.5
--   2: text, the tenant

-- abs of float64
SELECT abs(CAST("case"."rank" AS double precision)) FROM "home"."42_case" AS "case";

-- abs of float64, walled
SELECT abs(CAST("case"."rank" AS double precision)) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1;
--   1: text, the tenant

-- coalesce of float64
SELECT coalesce("case"."rank", $1) FROM "home"."42_case" AS "case";
--   1: float64, 0.5

-- coalesce of float64, walled
SELECT coalesce("case"."rank", $1) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: float64, 0.5
--   2: text, the tenant

-- add of decimal
SELECT ("case"."rank" + $1) FROM "home"."42_case" AS "case";
--   1: decimal, "1.25"

-- add of decimal, walled
SELECT ("case"."rank" + $1) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: decimal, "1.25"
--   2: text, the tenant

-- sub of decimal
SELECT ("case"."rank" - $1) FROM "home"."42_case" AS "case";
--   1: decimal, "1.25"

-- sub of decimal, walled
SELECT ("case"."rank" - $1) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: decimal, "1.25"
--   2: text, the tenant

-- mul of decimal
SELECT ("case"."rank" * $1) FROM "home"."42_case" AS "case";
--   1: decimal, "1.25"

-- mul of decimal, walled
SELECT ("case"."rank" * $1) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: decimal, "1.25"
--   2: text, the tenant

-- abs of decimal
SELECT abs("case"."rank") FROM "home"."42_case" AS "case";

-- abs of decimal, walled
SELECT abs("case"."rank") FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1;
--   1: text, the tenant

-- coalesce of decimal
SELECT coalesce("case"."rank", $1) FROM "home"."42_case" AS "case";
--   1: decimal, "1.25"

-- coalesce of decimal, walled
SELECT coalesce("case"."rank", $1) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: decimal, "1.25"
--   2: text, the tenant

-- nested
SELECT (CAST((CAST("case"."rank" AS bigint) + CAST($1 AS bigint)) AS bigint) * CAST("case"."rank" AS bigint)) FROM "home"."42_case" AS "case";
--   1: int64, 1

-- nested, walled
SELECT (CAST((CAST("case"."rank" AS bigint) + CAST($1 AS bigint)) AS bigint) * CAST("case"."rank" AS bigint)) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: int64, 1
--   2: text, the tenant

-- concat
SELECT ("case"."title" || $1 || "case"."note") FROM "home"."42_case" AS "case";
--   1: text, " "

-- concat, walled
SELECT ("case"."title" || $1 || "case"."note") FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: text, " "
--   2: text, the tenant

-- case
SELECT CASE WHEN "case"."rank" = $1 THEN $2 WHEN "case"."note" IS NULL THEN "case"."title" END FROM "home"."42_case" AS "case";
--   1: int64, 1
--   2: text, "one"

-- case, walled
SELECT CASE WHEN "case"."rank" = $1 THEN $2 WHEN "case"."note" IS NULL THEN "case"."title" END FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $3;
--   1: int64, 1
--   2: text, "one"
--   3: text, the tenant

-- case with else
SELECT CASE WHEN "case"."rank" = $1 THEN "case"."note" ELSE "case"."title" END FROM "home"."42_case" AS "case";
--   1: int64, 1

-- case with else, walled
SELECT CASE WHEN "case"."rank" = $1 THEN "case"."note" ELSE "case"."title" END FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: int64, 1
--   2: text, the tenant

-- lower
SELECT lower("case"."title") FROM "home"."42_case" AS "case";

-- lower, walled
SELECT lower("case"."title") FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1;
--   1: text, the tenant

-- upper
SELECT upper("case"."title") FROM "home"."42_case" AS "case";

-- upper, walled
SELECT upper("case"."title") FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1;
--   1: text, the tenant

-- length
SELECT char_length("case"."title") FROM "home"."42_case" AS "case";

-- length, walled
SELECT char_length("case"."title") FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1;
--   1: text, the tenant

-- truncate to year
SELECT date_trunc('year', "case"."at", 'UTC') FROM "home"."42_case" AS "case";

-- truncate to year, walled
SELECT date_trunc('year', "case"."at", 'UTC') FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1;
--   1: text, the tenant

-- truncate to quarter
SELECT date_trunc('quarter', "case"."at", 'UTC') FROM "home"."42_case" AS "case";

-- truncate to quarter, walled
SELECT date_trunc('quarter', "case"."at", 'UTC') FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1;
--   1: text, the tenant

-- truncate to month
SELECT date_trunc('month', "case"."at", 'UTC') FROM "home"."42_case" AS "case";

-- truncate to month, walled
SELECT date_trunc('month', "case"."at", 'UTC') FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1;
--   1: text, the tenant

-- truncate to week
SELECT date_trunc('week', "case"."at", 'UTC') FROM "home"."42_case" AS "case";

-- truncate to week, walled
SELECT date_trunc('week', "case"."at", 'UTC') FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1;
--   1: text, the tenant

-- truncate to day
SELECT date_trunc('day', "case"."at", 'UTC') FROM "home"."42_case" AS "case";

-- truncate to day, walled
SELECT date_trunc('day', "case"."at", 'UTC') FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1;
--   1: text, the tenant

-- truncate to hour
SELECT date_trunc('hour', "case"."at", 'UTC') FROM "home"."42_case" AS "case";

-- truncate to hour, walled
SELECT date_trunc('hour', "case"."at", 'UTC') FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1;
--   1: text, the tenant

-- truncate to minute
SELECT date_trunc('minute', "case"."at", 'UTC') FROM "home"."42_case" AS "case";

-- truncate to minute, walled
SELECT date_trunc('minute', "case"."at", 'UTC') FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1;
--   1: text, the tenant

-- truncate to second
SELECT date_trunc('second', "case"."at", 'UTC') FROM "home"."42_case" AS "case";

-- truncate to second, walled
SELECT date_trunc('second', "case"."at", 'UTC') FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1;
--   1: text, the tenant

-- path to text
SELECT CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS text) FROM "home"."42_case" AS "case";
--   1: text, "strict $.\"a\".\"b c\" ? (@.type() == \"string\")"

-- path to text, walled
SELECT CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS text) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: text, "strict $.\"a\".\"b c\" ? (@.type() == \"string\")"
--   2: text, the tenant

-- path to bool
SELECT CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS boolean) FROM "home"."42_case" AS "case";
--   1: text, "strict $.\"a\".\"b c\" ? (@.type() == \"boolean\")"

-- path to bool, walled
SELECT CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS boolean) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: text, "strict $.\"a\".\"b c\" ? (@.type() == \"boolean\")"
--   2: text, the tenant

-- path to float64
SELECT CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS double precision) FROM "home"."42_case" AS "case";
--   1: text, "strict $.\"a\".\"b c\" ? (@.type() == \"number\")"

-- path to float64, walled
SELECT CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS double precision) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: text, "strict $.\"a\".\"b c\" ? (@.type() == \"number\")"
--   2: text, the tenant

-- path to int64
SELECT CAST(CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS numeric) AS bigint) FROM "home"."42_case" AS "case";
--   1: text, "strict $.\"a\".\"b c\" ? (@.type() == \"number\" && @ == @.floor() && @ >= -9223372036854775808 && @ <= 9223372036854775807)"

-- path to int64, walled
SELECT CAST(CAST((jsonb_path_query_first("case"."info", CAST($1 AS jsonpath), '{}', true) #>> '{}') AS numeric) AS bigint) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: text, "strict $.\"a\".\"b c\" ? (@.type() == \"number\" && @ == @.floor() && @ >= -9223372036854775808 && @ <= 9223372036854775807)"
--   2: text, the tenant

-- literal time
SELECT $1 FROM "home"."42_case" AS "case";
--   1: time, field 3

-- literal time, walled
SELECT $1 FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: time, field 3
--   2: text, the tenant

-- fragment
SELECT (row_number() over (order by "case"."rank" desc, $1)) FROM "home"."42_case" AS "case";
--   1: int64, 1

-- fragment, walled
SELECT (row_number() over (order by "case"."rank" desc, $1)) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $2;
--   1: int64, 1
--   2: text, the tenant

