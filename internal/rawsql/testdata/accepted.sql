-- postgres mysql mariadb sqlite
select 1
=>
select 1

-- postgres mysql mariadb sqlite
SELECT * FROM {case}
=>
SELECT * FROM [case]

-- postgres mysql mariadb sqlite
select * from {case};
=>
select * from [case]

-- postgres mysql mariadb sqlite
select * from {case} where-- {none}
 x
=>
select * from [case] where
 x

-- postgres mysql mariadb sqlite
select '{case}', "{case}" from {case}
=>
select '{case}', "{case}" from [case]

-- postgres mysql mariadb sqlite
select c.id from {case} c
=>
select c.id from [case as] c

-- postgres mysql mariadb sqlite
select c.id from {case} as c
=>
select c.id from [case as] as c

-- postgres mysql mariadb sqlite
select {case}.id, {case}.* from {case} where {case}.x = 1
=>
select [case.].id, [case.].* from [case] where [case.].x = 1

-- postgres mysql mariadb sqlite
select a from {case} c join {comment} m on m.x = c.x, {case} d
=>
select a from [case as] c join [comment as] m on m.x = c.x, [case as] d

-- postgres mysql mariadb sqlite
select a from {case} left join {comment} using (id) where b
=>
select a from [case] left join [comment] using (id) where b

-- postgres mysql mariadb sqlite
select a, (select max(b) from {comment} m where m.c = c.id) from {case} c group by a, b order by a, b limit 1
=>
select a, (select max(b) from [comment as] m where m.c = c.id) from [case as] c group by a, b order by a, b limit 1

-- postgres mysql mariadb sqlite
select a from {case} union all select b from {comment}
=>
select a from [case] union all select b from [comment]

-- postgres mysql mariadb sqlite
(select a from {case}) union (select b from {comment})
=>
(select a from [case]) union (select b from [comment])

-- postgres mysql mariadb sqlite
select a from (select b from {case}) x, ({case} c cross join {comment})
=>
select a from (select b from [case]) x, ([case as] c cross join [comment])

-- postgres mysql mariadb sqlite
with x as (select * from {case}), y (a, b) as (select * from x) select * from x, y where x.a = y.a
=>
with x as (select * from [case]), y (a, b) as (select * from x) select * from x, y where x.a = y.a

-- postgres mysql mariadb sqlite
with recursive x as (select 1 union all select n + 1 from x) select * from x
=>
with recursive x as (select 1 union all select n + 1 from x) select * from x

-- postgres mysql mariadb sqlite
select a from {case} where exists (select 1 from {comment}) and b in (select c from {comment})
=>
select a from [case] where exists (select 1 from [comment]) and b in (select c from [comment])

-- postgres mysql mariadb sqlite
select case when a then b else c end from {case}
=>
select case when a then b else c end from [case]

-- postgres mysql mariadb sqlite
select a as comment, x.comment from {case} x
=>
select a as comment, x.comment from [case as] x

-- postgres mysql mariadb sqlite
select count(*) from {case} where a = $1 and b = $2 or c = $1
=>
select count(*) from [case] where a = <1> and b = <2> or c = <1>

-- postgres mysql mariadb sqlite
select * from {case} where a = @a and b=@b or c <= @a
=>
select * from [case] where a = <a> and b=<b> or c <= <a>

-- postgres mysql mariadb sqlite
select * from {case} where a in ($1) and b not in ($2) and c in ($3, $1)
=>
select * from [case] where a <true in 1> and b <false in 2> and c in (<3>, <1>)

-- postgres mysql mariadb sqlite
select * from {case} where a is null and 'it''s' = b and 1.5e+3 > 0x1F
=>
select * from [case] where a is null and 'it''s' = b and 1.5e+3 > 0x1F

-- postgres mysql mariadb sqlite
insert into {case} (a, b) values ($1, $2), ($3, $1)
=>
insert into [=case] (a, b) values (<1>, <2>), (<3>, <1>)

-- postgres mysql mariadb sqlite
insert into {case} select * from {comment} where a
=>
insert into [=case] select * from [comment] where a

-- postgres mysql mariadb sqlite
insert into {case} (a) with x as (select 1) select * from x
=>
insert into [=case] (a) with x as (select 1) select * from x

-- postgres mysql mariadb sqlite
update {case} set a = 1, b = (select max(c) from {comment}) where d
=>
update [=case] set a = 1, b = (select max(c) from [comment]) where d

-- postgres mysql mariadb sqlite
delete from {case} where a = (select 1)
=>
delete from [=case] where a = (select 1)

-- postgres mysql mariadb sqlite
explain select * from {case}
=>
explain select * from [case]

-- postgres mysql mariadb sqlite
select /* a -- b */ 1
=>
select   1

-- postgres mysql mariadb sqlite
values (1, 2)
=>
values (1, 2)

-- postgres mysql mariadb
select /*+ x */ 1
=>
select /*+ x */ 1

-- sqlite
select /*+ x */ 1
=>
select   1

-- postgres mysql mariadb
select extract(year from c), trim(both 'x' from d), substring(e from 1 for 2) from {case}
=>
select extract(year from c), trim(both 'x' from d), substring(e from 1 for 2) from [case]

-- postgres mysql mariadb
select * from {case} c join {comment} d on true for update
=>
select * from [case as] c join [comment as] d on true for update

-- postgres
select * from {case} c, {comment} for no key update of {comment} skip locked
=>
select * from [case as] c, [comment] for no key update of [comment.] skip locked

-- postgres
select a -> 'b', c ? 'd', e @> '{"f": [1, 2]}', g <@ h, i @@ j, k[1:2], l::text from {case}
=>
select a -> 'b', c ? 'd', e @> '{"f": [1, 2]}', g <@ h, i @@ j, k[1:2], l::text from [case]

-- postgres
select * from {case} where a = any($1::bigint[]) and b is not distinct from $2 and array[1, 2] = c
=>
select * from [case] where a = any(<1>::bigint[]) and b is not distinct from <2> and array[1, 2] = c

-- postgres
select E'it\'s', e'\\', $$ ' {case} $$, $a$ $b$ $a$, 'a'::text from {case}
=>
select E'it\'s', e'\\', $$ ' {case} $$, $a$ $b$ $a$, 'a'::text from [case]

-- postgres
select /* a /* b */ c */ 1
=>
select   1

-- postgres
select * from {case} c, lateral (select * from {comment} m where m.x = c.x) y, generate_series(1, 2) as n (i), pg_catalog.unnest($1) u
=>
select * from [case as] c, lateral (select * from [comment as] m where m.x = c.x) y, generate_series(1, 2) as n (i), pg_catalog.unnest(<1>) u

-- postgres
insert into {case} as c (a) values (1) on conflict (a) do update set a = c.a, b = {case}.b returning a, b
=>
insert into [=case as] as c (a) values (1) on conflict (a) do update set a = c.a, b = [case.].b returning a, b

-- postgres
with x as (delete from {case} returning *) select * from x
=>
with x as (delete from [=case] returning *) select * from x

-- postgres
with x as (select 1) insert into {case} select * from x on conflict do update set a = (select 1 from x), b = 2
=>
with x as (select 1) insert into [=case] select * from x on conflict do update set a = (select 1 from x), b = 2

-- postgres sqlite
update {case} set a = m.a, b = 1 from {comment} m, {comment} n where m.x = n.x
=>
update [=case] set a = m.a, b = 1 from [comment as] m, [comment as] n where m.x = n.x

-- postgres
delete from {case} c using {comment} m join {comment} n using (a, b) where c.x = m.x
=>
delete from [=case as] c using [comment as] m join [comment as] n using (a, b) where c.x = m.x

-- postgres
merge into {case} c using {comment} m on c.x = m.x when matched then update set a = 1, b = 2 when not matched then insert (a, b) values (1, 2)
=>
merge into [=case as] c using [comment as] m on c.x = m.x when matched then update set a = 1, b = 2 when not matched then insert (a, b) values (1, 2)

-- postgres
explain (analyze, format json) select * from {case}
=>
explain (analyze, format json) select * from [case]

-- postgres
select sum(a) over w, percentile_cont(0.5) within group (order by b) from {case} c window w as (order by b), v as (order by c)
=>
select sum(a) over w, percentile_cont(0.5) within group (order by b) from [case as] c window w as (order by b), v as (order by c)

-- postgres
select * from {case} tablesample bernoulli (10), {comment}
=>
select * from [case] tablesample bernoulli (10), [comment]

-- postgres
with "X" as (select 1), y as (select 2) select * from "X", Y
=>
with "X" as (select 1), y as (select 2) select * from "X", Y

-- mysql mariadb
select 1 +# {none}
1--1
=>
select 1 +
1--1

-- mysql mariadb
select `a``b`, "it's", 'a\\' from {case}
=>
select `a``b`, "it's", 'a\\' from [case]

-- mysql mariadb
update {case} c join {comment} m on m.x = c.x, (select 1) y set c.a = 1, m.b = 2 where c.d
=>
update [=case as] c join [=comment as] m on m.x = c.x, (select 1) y set c.a = 1, m.b = 2 where c.d

-- mysql mariadb
delete c, m.* from {case} c join {comment} m using (id), {case} d where c.x
=>
delete c, m.* from [=case as] c join [=comment as] m using (id), [=case as] d where c.x

-- mysql mariadb
insert into {case} (a) values (1) on duplicate key update a = {case}.a, b = values(b)
=>
insert into [=case] (a) values (1) on duplicate key update a = [!case.].a, b = values(b)

-- postgres sqlite
delete from {case} where {case}.a = 1
=>
delete from [=case] where [case.].a = 1

-- mysql mariadb
delete from {case} where {case}.a = 1
=>
delete from [=case] where [!case.].a = 1

-- mysql mariadb
insert into {case} select {case}.a from {case}
=>
insert into [=case] select [case.].a from [case]

-- mysql mariadb
replace into {case} set a = 1, b = 2
=>
replace into [=case] set a = 1, b = 2

-- mysql mariadb
insert ignore {case} values (1)
=>
insert ignore [=case] values (1)

-- mysql mariadb
select a from {case} use index (x, y) lock in share mode
=>
select a from [case] use index (x, y) lock in share mode

-- mysql mariadb
select straight_join a from {case} straight_join {comment} order by a
=>
select straight_join a from [case] straight_join [comment] order by a

-- mysql mariadb
select a from dual
=>
select a from dual

-- sqlite
select [a b], `c`, 'a\' from {case} not indexed, {comment} indexed by x
=>
select [a b], `c`, 'a\' from [case] not indexed, [comment] indexed by x

-- sqlite
insert or replace into {case} (a) values (1) on conflict (a) do update set a = excluded.a, b = 1 returning a
=>
insert or replace into [=case] (a) values (1) on conflict (a) do update set a = excluded.a, b = 1 returning a

-- sqlite
select * from {case}, json_each({case}.labels) j, json_each('[1, 2]')
=>
select * from [case], json_each([case.].labels) j, json_each('[1, 2]')

-- sqlite
explain query plan select 1
=>
explain query plan select 1
