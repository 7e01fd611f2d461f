-- has
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE EXISTS (SELECT 1 FROM "home"."42_note" AS "1" WHERE "1"."case_id" = "case"."id" AND "1"."deleted_at" IS NULL AND "1"."hidden" = ?);
--   1: int64, 0

-- has, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND EXISTS (SELECT 1 FROM "home"."note" AS "1" WHERE "1"."tenant_id" = ? AND "1"."case_id" = "case"."id" AND "1"."deleted_at" IS NULL AND "1"."hidden" = ?);
--   1: text, the tenant
--   2: text, the tenant
--   3: int64, 0

-- has, with a condition
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE EXISTS (SELECT 1 FROM "home"."42_note" AS "1" WHERE "1"."case_id" = "case"."id" AND "1"."deleted_at" IS NULL AND "1"."hidden" = ? AND "1"."rank" > ?);
--   1: int64, 0
--   2: int64, 3

-- has, with a condition, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND EXISTS (SELECT 1 FROM "home"."note" AS "1" WHERE "1"."tenant_id" = ? AND "1"."case_id" = "case"."id" AND "1"."deleted_at" IS NULL AND "1"."hidden" = ? AND "1"."rank" > ?);
--   1: text, the tenant
--   2: text, the tenant
--   3: int64, 0
--   4: int64, 3

-- has, a guard lifted
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE EXISTS (SELECT 1 FROM "home"."42_note" AS "1" WHERE "1"."case_id" = "case"."id" AND "1"."deleted_at" IS NULL);

-- has, a guard lifted, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND EXISTS (SELECT 1 FROM "home"."note" AS "1" WHERE "1"."tenant_id" = ? AND "1"."case_id" = "case"."id" AND "1"."deleted_at" IS NULL);
--   1: text, the tenant
--   2: text, the tenant

-- has, all guards lifted
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE EXISTS (SELECT 1 FROM "home"."42_note" AS "1" WHERE "1"."case_id" = "case"."id");

-- has, all guards lifted, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND EXISTS (SELECT 1 FROM "home"."note" AS "1" WHERE "1"."tenant_id" = ? AND "1"."case_id" = "case"."id");
--   1: text, the tenant
--   2: text, the tenant

-- has none
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE NOT (EXISTS (SELECT 1 FROM "home"."42_note" AS "1" WHERE "1"."case_id" = "case"."id" AND "1"."deleted_at" IS NULL AND "1"."hidden" = ?));
--   1: int64, 0

-- has none, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND NOT (EXISTS (SELECT 1 FROM "home"."note" AS "1" WHERE "1"."tenant_id" = ? AND "1"."case_id" = "case"."id" AND "1"."deleted_at" IS NULL AND "1"."hidden" = ?));
--   1: text, the tenant
--   2: text, the tenant
--   3: int64, 0

-- has by a table between
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE EXISTS (SELECT 1 FROM "home"."42_tagging" AS "1" JOIN "home"."42_tag" AS "2" ON "2"."id" = "1"."tag_id" WHERE "1"."case_id" = "case"."id" AND "2"."name" = ?);
--   1: text, "urgent"

-- has by a table between, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND EXISTS (SELECT 1 FROM "home"."tagging" AS "1" JOIN "home"."tag" AS "2" ON "2"."tenant_id" = ? AND "2"."id" = "1"."tag_id" WHERE "1"."tenant_id" = ? AND "1"."case_id" = "case"."id" AND "2"."name" = ?);
--   1: text, the tenant
--   2: text, the tenant
--   3: text, the tenant
--   4: text, "urgent"

-- has, of the common house
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE EXISTS (SELECT 1 FROM "home"."plan" AS "1" WHERE "1"."code" = "case"."plan_code" AND "1"."year" = "case"."plan_year");

-- has, of the common house, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND EXISTS (SELECT 1 FROM "home"."plan" AS "1" WHERE "1"."code" = "case"."plan_code" AND "1"."year" = "case"."plan_year");
--   1: text, the tenant

-- has, of its own table
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE EXISTS (SELECT 1 FROM "home"."42_case" AS "1" WHERE "1"."id" = "case"."parent_id" AND EXISTS (SELECT 1 FROM "home"."42_tagging" AS "2" JOIN "home"."42_tag" AS "3" ON "3"."id" = "2"."tag_id" WHERE "2"."case_id" = "1"."id" AND "3"."name" = ?));
--   1: text, "urgent"

-- has, of its own table, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND EXISTS (SELECT 1 FROM "home"."case" AS "1" WHERE "1"."tenant_id" = ? AND "1"."id" = "case"."parent_id" AND EXISTS (SELECT 1 FROM "home"."tagging" AS "2" JOIN "home"."tag" AS "3" ON "3"."tenant_id" = ? AND "3"."id" = "2"."tag_id" WHERE "2"."tenant_id" = ? AND "2"."case_id" = "1"."id" AND "3"."name" = ?));
--   1: text, the tenant
--   2: text, the tenant
--   3: text, the tenant
--   4: text, the tenant
--   5: text, "urgent"

-- joined
SELECT "case"."id", "1"."text" FROM "home"."42_case" AS "case" LEFT JOIN "home"."42_note" AS "1" ON "1"."case_id" = "case"."id" AND "1"."deleted_at" IS NULL AND "1"."hidden" = ? ORDER BY "1"."rank" NULLS LAST;
--   1: int64, 0

-- joined, walled
SELECT "case"."id", "1"."text" FROM "home"."case" AS "case" LEFT JOIN "home"."note" AS "1" ON "1"."tenant_id" = ? AND "1"."case_id" = "case"."id" AND "1"."deleted_at" IS NULL AND "1"."hidden" = ? WHERE "case"."tenant_id" = ? ORDER BY "1"."rank" NULLS LAST;
--   1: text, the tenant
--   2: int64, 0
--   3: text, the tenant

-- joined by a table between, and further
SELECT "2"."name" FROM "home"."42_case" AS "case" LEFT JOIN "home"."42_tagging" AS "3" ON "3"."case_id" = "case"."id" LEFT JOIN "home"."42_tag" AS "1" ON "1"."id" = "3"."tag_id" LEFT JOIN "home"."42_tag" AS "2" ON "2"."id" = "1"."parent_id";

-- joined by a table between, and further, walled
SELECT "2"."name" FROM "home"."case" AS "case" LEFT JOIN "home"."tagging" AS "3" ON "3"."tenant_id" = ? AND "3"."case_id" = "case"."id" LEFT JOIN "home"."tag" AS "1" ON "1"."tenant_id" = ? AND "1"."id" = "3"."tag_id" LEFT JOIN "home"."tag" AS "2" ON "2"."tenant_id" = ? AND "2"."id" = "1"."parent_id" WHERE "case"."tenant_id" = ?;
--   1: text, the tenant
--   2: text, the tenant
--   3: text, the tenant
--   4: text, the tenant

-- rows related to a page of rows
SELECT "note"."text" FROM "home"."42_note" AS "note" WHERE "note"."case_id" IN (SELECT "1"."1" FROM (SELECT "2"."id" AS "1" FROM "home"."42_case" AS "2" WHERE "2"."status" = ? ORDER BY "2"."id" LIMIT ?) AS "1");
--   1: text, "open"
--   2: int64, 50

-- rows related to a page of rows, walled
SELECT "note"."text" FROM "home"."note" AS "note" WHERE "note"."tenant_id" = ? AND "note"."case_id" IN (SELECT "1"."1" FROM (SELECT "2"."id" AS "1" FROM "home"."case" AS "2" WHERE "2"."tenant_id" = ? AND "2"."status" = ? ORDER BY "2"."id" LIMIT ?) AS "1");
--   1: text, the tenant
--   2: text, the tenant
--   3: text, "open"
--   4: int64, 50

-- rows related to rows that are worked out once
SELECT "note"."text" FROM "home"."42_note" AS "note" WHERE "note"."case_id" IN (SELECT "1"."1" FROM (SELECT "2"."id" AS "1" FROM "home"."42_case" AS "2" WHERE "2"."status" = ?) AS "1");
--   1: text, "open"

-- rows related to rows that are worked out once, walled
SELECT "note"."text" FROM "home"."note" AS "note" WHERE "note"."tenant_id" = ? AND "note"."case_id" IN (SELECT "1"."1" FROM (SELECT "2"."id" AS "1" FROM "home"."case" AS "2" WHERE "2"."tenant_id" = ? AND "2"."status" = ?) AS "1");
--   1: text, the tenant
--   2: text, the tenant
--   3: text, "open"

-- some for each
SELECT "1"."1", "1"."2" FROM (SELECT "note"."id" AS "1", "note"."text" AS "2", row_number() OVER (PARTITION BY "note"."case_id" ORDER BY "note"."rank" DESC, "note"."id") AS "0" FROM "home"."42_note" AS "note" WHERE "note"."case_id" IN (?, ?)) AS "1" WHERE "1"."0" <= ? ORDER BY "1"."0";
--   1: int64, 1
--   2: int64, 2
--   3: int64, 2

-- some for each, walled
SELECT "1"."1", "1"."2" FROM (SELECT "note"."id" AS "1", "note"."text" AS "2", row_number() OVER (PARTITION BY "note"."case_id" ORDER BY "note"."rank" DESC, "note"."id") AS "0" FROM "home"."note" AS "note" WHERE "note"."tenant_id" = ? AND "note"."case_id" IN (?, ?)) AS "1" WHERE "1"."0" <= ? ORDER BY "1"."0";
--   1: text, the tenant
--   2: int64, 1
--   3: int64, 2
--   4: int64, 2

-- rows related to some for each
SELECT "case"."id" FROM "home"."42_case" AS "case" WHERE "case"."id" IN (SELECT "1"."1" FROM (SELECT "3"."1" AS "1" FROM (SELECT "2"."case_id" AS "1", row_number() OVER (PARTITION BY "2"."case_id" ORDER BY "2"."rank" DESC, "2"."id") AS "0" FROM "home"."42_note" AS "2" WHERE "2"."case_id" IN (?, ?)) AS "3" WHERE "3"."0" <= ? ORDER BY "3"."0") AS "1");
--   1: int64, 1
--   2: int64, 2
--   3: int64, 2

-- rows related to some for each, walled
SELECT "case"."id" FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND "case"."id" IN (SELECT "1"."1" FROM (SELECT "3"."1" AS "1" FROM (SELECT "2"."case_id" AS "1", row_number() OVER (PARTITION BY "2"."case_id" ORDER BY "2"."rank" DESC, "2"."id") AS "0" FROM "home"."note" AS "2" WHERE "2"."tenant_id" = ? AND "2"."case_id" IN (?, ?)) AS "3" WHERE "3"."0" <= ? ORDER BY "3"."0") AS "1");
--   1: text, the tenant
--   2: text, the tenant
--   3: int64, 1
--   4: int64, 2
--   5: int64, 2

-- delete what has none of its own table
DELETE FROM "home"."42_case" AS "case" WHERE NOT (EXISTS (SELECT 1 FROM "home"."42_case" AS "1" WHERE "1"."id" = "case"."parent_id"));

-- delete what has none of its own table, walled
DELETE FROM "home"."case" AS "case" WHERE "case"."tenant_id" = ? AND NOT (EXISTS (SELECT 1 FROM "home"."case" AS "1" WHERE "1"."tenant_id" = ? AND "1"."id" = "case"."parent_id"));
--   1: text, the tenant
--   2: text, the tenant

-- update what has one that has one of its own table
UPDATE "home"."42_case" AS "case" SET "rank" = ? WHERE EXISTS (SELECT 1 FROM "home"."42_note" AS "1" WHERE "1"."case_id" = "case"."id" AND "1"."deleted_at" IS NULL AND "1"."hidden" = ? AND EXISTS (SELECT 1 FROM "home"."42_case" AS "2" WHERE "2"."id" = "1"."case_id"));
--   1: int64, 1
--   2: int64, 0

-- update what has one that has one of its own table, walled
UPDATE "home"."case" AS "case" SET "rank" = ? WHERE "case"."tenant_id" = ? AND EXISTS (SELECT 1 FROM "home"."note" AS "1" WHERE "1"."tenant_id" = ? AND "1"."case_id" = "case"."id" AND "1"."deleted_at" IS NULL AND "1"."hidden" = ? AND EXISTS (SELECT 1 FROM "home"."case" AS "2" WHERE "2"."tenant_id" = ? AND "2"."id" = "1"."case_id"));
--   1: int64, 1
--   2: text, the tenant
--   3: text, the tenant
--   4: int64, 0
--   5: text, the tenant

