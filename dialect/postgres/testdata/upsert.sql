-- do nothing
INSERT INTO "home"."42_case" AS "case" ("title", "rank") VALUES ($1, $2) ON CONFLICT ("title") DO NOTHING;
--   1: text, field 1
--   2: int64, field 2

-- do nothing, walled
INSERT INTO "home"."case" AS "case" ("tenant_id", "title", "rank") VALUES ($1, $2, $3) ON CONFLICT ("tenant_id", "title") DO NOTHING;
--   1: text, the tenant
--   2: text, field 1
--   3: int64, field 2

-- overwrite
INSERT INTO "home"."42_case" AS "case" ("title", "rank") VALUES ($1, $2) ON CONFLICT ("title") DO UPDATE SET "title" = excluded."title", "rank" = excluded."rank";
--   1: text, field 1
--   2: int64, field 2

-- overwrite, walled
INSERT INTO "home"."case" AS "case" ("tenant_id", "title", "rank") VALUES ($1, $2, $3) ON CONFLICT ("tenant_id", "title") DO UPDATE SET "title" = excluded."title", "rank" = excluded."rank";
--   1: text, the tenant
--   2: text, field 1
--   3: int64, field 2

-- count up
INSERT INTO "home"."42_case" AS "case" ("title", "rank") VALUES ($1, $2) ON CONFLICT ("title") DO UPDATE SET "version" = "case"."version" + $3;
--   1: text, field 1
--   2: int64, field 2
--   3: int64, 1

-- count up, walled
INSERT INTO "home"."case" AS "case" ("tenant_id", "title", "rank") VALUES ($1, $2, $3) ON CONFLICT ("tenant_id", "title") DO UPDATE SET "version" = "case"."version" + $4;
--   1: text, the tenant
--   2: text, field 1
--   3: int64, field 2
--   4: int64, 1

