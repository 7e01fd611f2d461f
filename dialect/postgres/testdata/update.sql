-- by key
UPDATE "home"."42_case" AS "case" SET "title" = $1, "version" = "case"."version" + $2 WHERE ("case"."id" = $3 AND "case"."version" = $4);
--   1: text, field 1
--   2: int64, 1
--   3: int64, field 0
--   4: int64, field 3

-- by key, walled
UPDATE "home"."case" AS "case" SET "title" = $1, "version" = "case"."version" + $2 WHERE "case"."tenant_id" = $3 AND ("case"."id" = $4 AND "case"."version" = $5);
--   1: text, field 1
--   2: int64, 1
--   3: text, the tenant
--   4: int64, field 0
--   5: int64, field 3

-- lists
UPDATE "home"."42_case" AS "case" SET "title" = "1"."1" FROM unnest($1, $2) AS "1" ("0", "1") WHERE "case"."id" = "1"."0";
--   1: int64, field 0
--   2: text, field 1

-- lists, walled
UPDATE "home"."case" AS "case" SET "title" = "1"."1" FROM unnest($1, $2) AS "1" ("0", "1") WHERE "case"."tenant_id" = $3 AND "case"."id" = "1"."0";
--   1: int64, field 0
--   2: text, field 1
--   3: text, the tenant

-- every row
UPDATE "home"."42_case" AS "case" SET "note" = $1;
--   1: text, <nil>

-- every row, walled
UPDATE "home"."case" AS "case" SET "note" = $1 WHERE "case"."tenant_id" = $2;
--   1: text, <nil>
--   2: text, the tenant

-- either
UPDATE "home"."42_case" AS "case" SET "rank" = $1 WHERE ("case"."id" = $2 OR 1 = 1);
--   1: int64, 0
--   2: int64, 1

-- either, walled
UPDATE "home"."case" AS "case" SET "rank" = $1 WHERE "case"."tenant_id" = $2 AND ("case"."id" = $3 OR 1 = 1);
--   1: int64, 0
--   2: text, the tenant
--   3: int64, 1

