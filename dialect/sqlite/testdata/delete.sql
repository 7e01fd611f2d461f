-- by key
DELETE FROM "home"."42_case" AS "case" WHERE "case"."id" = ?;
--   1: int64, field 0

-- by key, walled
DELETE FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND "case"."id" = ?;
--   1: text, the tenant
--   2: int64, field 0

-- every row
DELETE FROM "home"."42_case" AS "case";

-- every row, walled
DELETE FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, the tenant

-- either
DELETE FROM "home"."42_case" AS "case" WHERE ("case"."id" = ? OR 1 = 1);
--   1: int64, 1

-- either, walled
DELETE FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND ("case"."id" = ? OR 1 = 1);
--   1: text, the tenant
--   2: int64, 1

