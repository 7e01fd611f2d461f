-- one row
INSERT INTO "home"."42_case" AS "case" ("title", "rank") VALUES ($1, $2);
--   1: text, field 1
--   2: int64, field 2

-- one row, walled
INSERT INTO "home"."case" AS "case" ("tenant_id", "title", "rank") VALUES ($1, $2, $3);
--   1: text, the tenant
--   2: text, field 1
--   3: int64, field 2

-- three rows
INSERT INTO "home"."42_case" AS "case" ("title", "rank") VALUES ($1, $2), ($3, $4), ($5, $6);
--   1: text, field 1
--   2: int64, field 2
--   3: text, field 1
--   4: int64, field 2
--   5: text, field 1
--   6: int64, field 2

-- three rows, walled
INSERT INTO "home"."case" AS "case" ("tenant_id", "title", "rank") VALUES ($1, $2, $3), ($4, $5, $6), ($7, $8, $9);
--   1: text, the tenant
--   2: text, field 1
--   3: int64, field 2
--   4: text, the tenant
--   5: text, field 1
--   6: int64, field 2
--   7: text, the tenant
--   8: text, field 1
--   9: int64, field 2

-- returning
INSERT INTO "home"."42_case" AS "case" ("title", "rank") VALUES ($1, $2) RETURNING "id", "rank";
--   1: text, field 1
--   2: int64, field 2

-- returning, walled
INSERT INTO "home"."case" AS "case" ("tenant_id", "title", "rank") VALUES ($1, $2, $3) RETURNING "id", "rank";
--   1: text, the tenant
--   2: text, field 1
--   3: int64, field 2

-- two rows returning
INSERT INTO "home"."42_case" AS "case" ("title", "rank") VALUES ($1, $2), ($3, $4) RETURNING "id";
--   1: text, field 1
--   2: int64, field 2
--   3: text, field 1
--   4: int64, field 2

-- two rows returning, walled
INSERT INTO "home"."case" AS "case" ("tenant_id", "title", "rank") VALUES ($1, $2, $3), ($4, $5, $6) RETURNING "id";
--   1: text, the tenant
--   2: text, field 1
--   3: int64, field 2
--   4: text, the tenant
--   5: text, field 1
--   6: int64, field 2

-- lists
INSERT INTO "home"."42_case" AS "case" ("title", "rank") SELECT "new".* FROM unnest($1, $2) AS "new" RETURNING "id";
--   1: text, field 1
--   2: int64, field 2

-- lists, walled
INSERT INTO "home"."case" AS "case" ("tenant_id", "title", "rank") SELECT $1, "new".* FROM unnest($2, $3) AS "new" RETURNING "id";
--   1: text, the tenant
--   2: text, field 1
--   3: int64, field 2

-- one list
INSERT INTO "home"."42_case" AS "case" ("title") SELECT "new".* FROM unnest($1) AS "new";
--   1: text, field 1

-- one list, walled
INSERT INTO "home"."case" AS "case" ("tenant_id", "title") SELECT $1, "new".* FROM unnest($2) AS "new";
--   1: text, the tenant
--   2: text, field 1

-- copy
COPY "home"."42_case" ("title", "rank") FROM STDIN (FORMAT binary);

-- copy, walled
COPY "home"."case" ("tenant_id", "title", "rank") FROM STDIN (FORMAT binary);

