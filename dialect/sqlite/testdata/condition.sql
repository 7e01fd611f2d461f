-- no condition
SELECT "case"."id" FROM "home"."42_case" AS "case";

-- no condition, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ?;
--   1: text, the tenant

-- equal
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE "case"."status" = ?;
--   1: text, "open"

-- equal, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND "case"."status" = ?;
--   1: text, the tenant
--   2: text, "open"

-- not equal
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE "case"."status" <> ?;
--   1: text, "open"

-- not equal, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND "case"."status" <> ?;
--   1: text, the tenant
--   2: text, "open"

-- less
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE "case"."rank" < ?;
--   1: int64, 3

-- less, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND "case"."rank" < ?;
--   1: text, the tenant
--   2: int64, 3

-- at least
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE "case"."rank" >= ?;
--   1: int64, 3

-- at least, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND "case"."rank" >= ?;
--   1: text, the tenant
--   2: int64, 3

-- a field
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE "case"."id" = ?;
--   1: int64, field 0

-- a field, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND "case"."id" = ?;
--   1: text, the tenant
--   2: int64, field 0

-- in none
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE 1 = 0;

-- in none, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND 1 = 0;
--   1: text, the tenant

-- in one
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE "case"."rank" IN (?);
--   1: int64, 1

-- in one, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND "case"."rank" IN (?);
--   1: text, the tenant
--   2: int64, 1

-- in three
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE "case"."status" IN (?, ?, ?);
--   1: text, "a"
--   2: text, "b"
--   3: text, "c"

-- in three, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND "case"."status" IN (?, ?, ?);
--   1: text, the tenant
--   2: text, "a"
--   3: text, "b"
--   4: text, "c"

-- between
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE "case"."rank" BETWEEN ? AND ?;
--   1: int64, 1
--   2: int64, 5

-- between, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND "case"."rank" BETWEEN ? AND ?;
--   1: text, the tenant
--   2: int64, 1
--   3: int64, 5

-- like
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE "case"."title" GLOB ?;
--   1: text, "50% ?ff[*][?][[]|]*"

-- like, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND "case"."title" GLOB ?;
--   1: text, the tenant
--   2: text, "50% ?ff[*][?][[]|]*"

-- null
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE "case"."note" IS NULL;

-- null, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND "case"."note" IS NULL;
--   1: text, the tenant

-- not null
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE "case"."note" IS NOT NULL;

-- not null, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND "case"."note" IS NOT NULL;
--   1: text, the tenant

-- and
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE ("case"."status" = ? AND "case"."rank" >= ?);
--   1: text, "open"
--   2: int64, 3

-- and, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND ("case"."status" = ? AND "case"."rank" >= ?);
--   1: text, the tenant
--   2: text, "open"
--   3: int64, 3

-- and of one
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE ("case"."status" = ?);
--   1: text, "open"

-- and of one, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND ("case"."status" = ?);
--   1: text, the tenant
--   2: text, "open"

-- and of none
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE 1 = 1;

-- and of none, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND 1 = 1;
--   1: text, the tenant

-- or
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE ("case"."status" = ? OR "case"."rank" >= ?);
--   1: text, "open"
--   2: int64, 3

-- or, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND ("case"."status" = ? OR "case"."rank" >= ?);
--   1: text, the tenant
--   2: text, "open"
--   3: int64, 3

-- or of none
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE 1 = 0;

-- or of none, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND 1 = 0;
--   1: text, the tenant

-- not
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE NOT ("case"."status" = ?);
--   1: text, "open"

-- not, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND NOT ("case"."status" = ?);
--   1: text, the tenant
--   2: text, "open"

-- not or
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE NOT (("case"."status" = ? OR "case"."rank" >= ?));
--   1: text, "open"
--   2: int64, 3

-- not or, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND NOT (("case"."status" = ? OR "case"."rank" >= ?));
--   1: text, the tenant
--   2: text, "open"
--   3: int64, 3

-- or in and
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE (("case"."status" = ? OR "case"."rank" >= ?) AND "case"."note" IS NULL);
--   1: text, "open"
--   2: int64, 3

-- or in and, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND (("case"."status" = ? OR "case"."rank" >= ?) AND "case"."note" IS NULL);
--   1: text, the tenant
--   2: text, "open"
--   3: int64, 3

-- and in or
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE (("case"."status" = ? AND "case"."rank" >= ?) OR "case"."note" IS NULL);
--   1: text, "open"
--   2: int64, 3

-- and in or, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND (("case"."status" = ? AND "case"."rank" >= ?) OR "case"."note" IS NULL);
--   1: text, the tenant
--   2: text, "open"
--   3: int64, 3

-- true
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE 1 = 1;

-- true, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND 1 = 1;
--   1: text, the tenant

-- false
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE 1 = 0;

-- false, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND 1 = 0;
--   1: text, the tenant

