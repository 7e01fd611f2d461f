-- no condition
SELECT "case"."id" FROM "home"."42_case" AS "case";

-- no condition, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1;
--   1: text, the tenant

-- equal
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE "case"."status" = $1;
--   1: text, "open"

-- equal, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1 AND "case"."status" = $2;
--   1: text, the tenant
--   2: text, "open"

-- not equal
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE "case"."status" <> $1;
--   1: text, "open"

-- not equal, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1 AND "case"."status" <> $2;
--   1: text, the tenant
--   2: text, "open"

-- less
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE "case"."rank" < $1;
--   1: int64, 3

-- less, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1 AND "case"."rank" < $2;
--   1: text, the tenant
--   2: int64, 3

-- at least
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE "case"."rank" >= $1;
--   1: int64, 3

-- at least, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1 AND "case"."rank" >= $2;
--   1: text, the tenant
--   2: int64, 3

-- a field
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE "case"."id" = $1;
--   1: int64, field 0

-- a field, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1 AND "case"."id" = $2;
--   1: text, the tenant
--   2: int64, field 0

-- in none
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE 1 = 0;

-- in none, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1 AND 1 = 0;
--   1: text, the tenant

-- in one
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE "case"."rank" = ANY($1);
--   1: int64, array [1]

-- in one, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1 AND "case"."rank" = ANY($2);
--   1: text, the tenant
--   2: int64, array [1]

-- in three
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE "case"."status" = ANY($1);
--   1: text, array [a b c]

-- in three, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1 AND "case"."status" = ANY($2);
--   1: text, the tenant
--   2: text, array [a b c]

-- between
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE "case"."rank" BETWEEN $1 AND $2;
--   1: int64, 1
--   2: int64, 5

-- between, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1 AND "case"."rank" BETWEEN $2 AND $3;
--   1: text, the tenant
--   2: int64, 1
--   3: int64, 5

-- like
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE "case"."title" LIKE $1;
--   1: text, "50\\% _ff*?[|]%"

-- like, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1 AND "case"."title" LIKE $2;
--   1: text, the tenant
--   2: text, "50\\% _ff*?[|]%"

-- null
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE "case"."note" IS NULL;

-- null, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1 AND "case"."note" IS NULL;
--   1: text, the tenant

-- not null
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE "case"."note" IS NOT NULL;

-- not null, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1 AND "case"."note" IS NOT NULL;
--   1: text, the tenant

-- and
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE ("case"."status" = $1 AND "case"."rank" >= $2);
--   1: text, "open"
--   2: int64, 3

-- and, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1 AND ("case"."status" = $2 AND "case"."rank" >= $3);
--   1: text, the tenant
--   2: text, "open"
--   3: int64, 3

-- and of one
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE ("case"."status" = $1);
--   1: text, "open"

-- and of one, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1 AND ("case"."status" = $2);
--   1: text, the tenant
--   2: text, "open"

-- and of none
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE 1 = 1;

-- and of none, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1 AND 1 = 1;
--   1: text, the tenant

-- or
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE ("case"."status" = $1 OR "case"."rank" >= $2);
--   1: text, "open"
--   2: int64, 3

-- or, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1 AND ("case"."status" = $2 OR "case"."rank" >= $3);
--   1: text, the tenant
--   2: text, "open"
--   3: int64, 3

-- or of none
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE 1 = 0;

-- or of none, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1 AND 1 = 0;
--   1: text, the tenant

-- not
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE NOT ("case"."status" = $1);
--   1: text, "open"

-- not, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1 AND NOT ("case"."status" = $2);
--   1: text, the tenant
--   2: text, "open"

-- not or
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE NOT (("case"."status" = $1 OR "case"."rank" >= $2));
--   1: text, "open"
--   2: int64, 3

-- not or, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1 AND NOT (("case"."status" = $2 OR "case"."rank" >= $3));
--   1: text, the tenant
--   2: text, "open"
--   3: int64, 3

-- or in and
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE (("case"."status" = $1 OR "case"."rank" >= $2) AND "case"."note" IS NULL);
--   1: text, "open"
--   2: int64, 3

-- or in and, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1 AND (("case"."status" = $2 OR "case"."rank" >= $3) AND "case"."note" IS NULL);
--   1: text, the tenant
--   2: text, "open"
--   3: int64, 3

-- and in or
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE (("case"."status" = $1 AND "case"."rank" >= $2) OR "case"."note" IS NULL);
--   1: text, "open"
--   2: int64, 3

-- and in or, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1 AND (("case"."status" = $2 AND "case"."rank" >= $3) OR "case"."note" IS NULL);
--   1: text, the tenant
--   2: text, "open"
--   3: int64, 3

-- true
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE 1 = 1;

-- true, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1 AND 1 = 1;
--   1: text, the tenant

-- false
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE 1 = 0;

-- false, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = $1 AND 1 = 0;
--   1: text, the tenant

