-- by a column
SELECT "case"."status", count(*) FROM "home"."42_case" AS "case" GROUP BY "case"."status" HAVING (count(*) > ?) ORDER BY count(*) DESC, "case"."status";
--   1: int64, 1

-- by a column, walled
SELECT "case"."status", count(*) FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? GROUP BY "case"."status" HAVING (count(*) > ?) ORDER BY count(*) DESC, "case"."status";
--   1: text, the tenant
--   2: int64, 1

-- by an expression
SELECT count(*), coalesce("case"."note", ?) AS "2" FROM "home"."42_case" AS "case" WHERE coalesce("case"."note", ?) <> ? GROUP BY "2" HAVING ("2" > ? AND max(coalesce("case"."note", ?)) > ?) ORDER BY "2" DESC, "2" LIMIT ?;
--   1: text, "-"
--   2: text, "-"
--   3: text, "x"
--   4: text, "a"
--   5: text, "-"
--   6: text, "b"
--   7: int64, 3

-- by an expression, walled
SELECT count(*), coalesce("case"."note", ?) AS "2" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND coalesce("case"."note", ?) <> ? GROUP BY "2" HAVING ("2" > ? AND max(coalesce("case"."note", ?)) > ?) ORDER BY "2" DESC, "2" LIMIT ?;
--   1: text, "-"
--   2: text, the tenant
--   3: text, "-"
--   4: text, "x"
--   5: text, "a"
--   6: text, "-"
--   7: text, "b"
--   8: int64, 3

-- distinct
SELECT DISTINCT coalesce("case"."note", ?) AS "1", "case"."status" FROM "home"."42_case" AS "case" ORDER BY "1", "case"."status";
--   1: text, "-"

-- distinct, walled
SELECT DISTINCT coalesce("case"."note", ?) AS "1", "case"."status" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? ORDER BY "1", "case"."status";
--   1: text, "-"
--   2: text, the tenant

-- rows of a distinct
SELECT count(*) FROM (SELECT DISTINCT coalesce("case"."note", ?) AS "1", "case"."status" AS "2" FROM "home"."42_case" AS "case") AS "1";
--   1: text, "-"

-- rows of a distinct, walled
SELECT count(*) FROM (SELECT DISTINCT coalesce("case"."note", ?) AS "1", "case"."status" AS "2" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?) AS "1";
--   1: text, "-"
--   2: text, the tenant

-- rows of groups
SELECT count(*) FROM (SELECT count(*) AS "1", coalesce("case"."note", ?) AS "2" FROM "home"."42_case" AS "case" GROUP BY "2") AS "1";
--   1: text, "-"

-- rows of groups, walled
SELECT count(*) FROM (SELECT count(*) AS "1", coalesce("case"."note", ?) AS "2" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? GROUP BY "2") AS "1";
--   1: text, "-"
--   2: text, the tenant

-- among groups
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE "case"."title" IN (SELECT "1"."1" FROM (SELECT coalesce("2"."note", ?) AS "1" FROM "home"."42_case" AS "2" GROUP BY "1") AS "1" WHERE "1"."1" IS NOT NULL);
--   1: text, "-"

-- among groups, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND "case"."title" IN (SELECT "1"."1" FROM (SELECT coalesce("2"."note", ?) AS "1" FROM "home"."case" AS "2" WHERE "2"."tenant_id" = ? GROUP BY "1") AS "1" WHERE "1"."1" IS NOT NULL);
--   1: text, the tenant
--   2: text, "-"
--   3: text, the tenant

-- among rows of a deletion
DELETE FROM "home"."42_case" AS "case" WHERE "case"."title" IN (SELECT "1"."1" FROM (SELECT DISTINCT "2"."note" AS "1" FROM "home"."42_case" AS "2") AS "1");

-- among rows of a deletion, walled
DELETE FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND "case"."title" IN (SELECT "1"."1" FROM (SELECT DISTINCT "2"."note" AS "1" FROM "home"."case" AS "2" WHERE "2"."tenant_id" = ?) AS "1");
--   1: text, the tenant
--   2: text, the tenant

-- some
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE EXISTS (SELECT 1 FROM "home"."42_case" AS "1" WHERE "1"."status" = ?);
--   1: text, "open"

-- some, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND EXISTS (SELECT 1 FROM "home"."case" AS "1" WHERE "1"."tenant_id" = ? AND "1"."status" = ?);
--   1: text, the tenant
--   2: text, the tenant
--   3: text, "open"

-- explain
EXPLAIN QUERY PLAN SELECT "case"."id" FROM "home"."42_case" AS "case";

-- explain, walled
EXPLAIN QUERY PLAN SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, the tenant

