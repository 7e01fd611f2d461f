-- ascending
SELECT "case"."id" FROM "home"."42_case" AS "case" ORDER BY "case"."rank";

-- ascending, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? ORDER BY "case"."rank";
--   1: text, the tenant

-- ascending with null
SELECT "case"."id" FROM "home"."42_case" AS "case" ORDER BY "case"."note" NULLS LAST;

-- ascending with null, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? ORDER BY "case"."note" NULLS LAST;
--   1: text, the tenant

-- ascending without null
SELECT "case"."id" FROM "home"."42_case" AS "case" ORDER BY "case"."note";

-- ascending without null, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? ORDER BY "case"."note";
--   1: text, the tenant

-- ascending with null, nulls first
SELECT "case"."id" FROM "home"."42_case" AS "case" ORDER BY "case"."note";

-- ascending with null, nulls first, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? ORDER BY "case"."note";
--   1: text, the tenant

-- ascending without null, nulls first
SELECT "case"."id" FROM "home"."42_case" AS "case" ORDER BY "case"."note";

-- ascending without null, nulls first, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? ORDER BY "case"."note";
--   1: text, the tenant

-- ascending with null, nulls last
SELECT "case"."id" FROM "home"."42_case" AS "case" ORDER BY "case"."note" NULLS LAST;

-- ascending with null, nulls last, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? ORDER BY "case"."note" NULLS LAST;
--   1: text, the tenant

-- ascending without null, nulls last
SELECT "case"."id" FROM "home"."42_case" AS "case" ORDER BY "case"."note";

-- ascending without null, nulls last, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? ORDER BY "case"."note";
--   1: text, the tenant

-- descending
SELECT "case"."id" FROM "home"."42_case" AS "case" ORDER BY "case"."rank" DESC;

-- descending, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? ORDER BY "case"."rank" DESC;
--   1: text, the tenant

-- descending with null
SELECT "case"."id" FROM "home"."42_case" AS "case" ORDER BY "case"."note" DESC NULLS FIRST;

-- descending with null, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? ORDER BY "case"."note" DESC NULLS FIRST;
--   1: text, the tenant

-- descending without null
SELECT "case"."id" FROM "home"."42_case" AS "case" ORDER BY "case"."note" DESC;

-- descending without null, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? ORDER BY "case"."note" DESC;
--   1: text, the tenant

-- descending with null, nulls first
SELECT "case"."id" FROM "home"."42_case" AS "case" ORDER BY "case"."note" DESC NULLS FIRST;

-- descending with null, nulls first, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? ORDER BY "case"."note" DESC NULLS FIRST;
--   1: text, the tenant

-- descending without null, nulls first
SELECT "case"."id" FROM "home"."42_case" AS "case" ORDER BY "case"."note" DESC;

-- descending without null, nulls first, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? ORDER BY "case"."note" DESC;
--   1: text, the tenant

-- descending with null, nulls last
SELECT "case"."id" FROM "home"."42_case" AS "case" ORDER BY "case"."note" DESC;

-- descending with null, nulls last, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? ORDER BY "case"."note" DESC;
--   1: text, the tenant

-- descending without null, nulls last
SELECT "case"."id" FROM "home"."42_case" AS "case" ORDER BY "case"."note" DESC;

-- descending without null, nulls last, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? ORDER BY "case"."note" DESC;
--   1: text, the tenant

-- two terms
SELECT "case"."id" FROM "home"."42_case" AS "case" ORDER BY "case"."note" DESC, "case"."id";

-- two terms, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? ORDER BY "case"."note" DESC, "case"."id";
--   1: text, the tenant

