-- by key
UPDATE "home"."42_case" AS "case" SET "title" = ?, "version" = "case"."version" + ? WHERE ("case"."id" = ? AND "case"."version" = ?);
--   1: text, field 1
--   2: int64, 1
--   3: int64, field 0
--   4: int64, field 3

-- by key, walled
UPDATE "home"."case" AS "case" SET "title" = ?, "version" = "case"."version" + ? WHERE "case"."tenant_id" = ? AND ("case"."id" = ? AND "case"."version" = ?);
--   1: text, field 1
--   2: int64, 1
--   3: text, the tenant
--   4: int64, field 0
--   5: int64, field 3

-- every row
UPDATE "home"."42_case" AS "case" SET "note" = ?;
--   1: text, <nil>

-- every row, walled
UPDATE "home"."case" AS "case" SET "note" = ? WHERE "case"."tenant_id" = ?;
--   1: text, <nil>
--   2: text, the tenant

-- either
UPDATE "home"."42_case" AS "case" SET "rank" = ? WHERE ("case"."id" = ? OR 1 = 1);
--   1: int64, 0
--   2: int64, 1

-- either, walled
UPDATE "home"."case" AS "case" SET "rank" = ? WHERE "case"."tenant_id" = ? AND ("case"."id" = ? OR 1 = 1);
--   1: int64, 0
--   2: text, the tenant
--   3: int64, 1

