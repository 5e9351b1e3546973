-- The database roles every Waymark deployment has, and what PUBLIC must not be able to do in its database.
--
-- Run once by a superuser in the deployment's database; running it again changes nothing. It speaks to PostgreSQL
-- 15-18. Logins of partitions are made by partition.sql, passwords are set by the caller. DO is right here: role
-- names are cluster-wide and `create role` knows no `if not exists`; the files below sql/institution never use it.

-- waymark_owner    owns the schemas; every table has a policy `owner_all` for it, because FORCE subjects it to
-- policies waymark_migrator runs migrations and creates institutions; its credential is never near `serve`
do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'waymark_owner') then
    create role waymark_owner nologin;
  end if;
  if not exists (select from pg_catalog.pg_roles where rolname = 'waymark_migrator') then
    create role waymark_migrator login noinherit createrole;
  end if;
  if pg_catalog.current_setting('server_version_num')::int >= 160000 then
    -- said outright, so that a later INHERIT on the login would not make the owner's rights ambient
    execute 'grant waymark_owner to waymark_migrator with inherit false, set true';
  else
    grant waymark_owner to waymark_migrator;
  end if;
  -- the deployment, not this file, names the database
  execute pg_catalog.format('revoke all on database %I from public', pg_catalog.current_database());
  execute pg_catalog.format(
    'grant connect on database %I to waymark_migrator with grant option', pg_catalog.current_database());
  execute pg_catalog.format('grant connect, create on database %I to waymark_owner', pg_catalog.current_database());
  -- An institution's tables are small and cached, so that a page costs little beside the work on its rows. With the
  -- defaults (4 and 1) the planner reads tables whole, and as a filter the caller's list of ids is parsed again for
  -- each row. (A staff member's page of a cohort of 1,000, among 20,000 students: 28 ms with 1.1 and 1, 5 ms so.)
  execute pg_catalog.format('alter database %I set seq_page_cost = 0.1', pg_catalog.current_database());
  execute pg_catalog.format('alter database %I set random_page_cost = 0.11', pg_catalog.current_database());
  -- And a row read in passing costs more beside a look into an index than the default says (a director's page of the
  -- same cohort: 17 ms with 0.01, reading every account into a hash table; from 0.02 on 3.5 ms).
  execute pg_catalog.format('alter database %I set cpu_tuple_cost = 0.03', pg_catalog.current_database());
  -- One institution's request does not take the other processors from all others, nor wait for helpers to start (a
  -- count over 5,000 requests: 33 ms with them, 8 without).
  execute pg_catalog.format(
    'alter database %I set max_parallel_workers_per_gather = 0', pg_catalog.current_database());
  execute pg_catalog.format('alter database %I set jit = off', pg_catalog.current_database());
end $$;

revoke all on schema public from public;

-- With set_config one injected SELECT could change the role and read other people's rows. pg_dump, pg_restore and
-- vacuumdb begin with it, so the logins that run those keep it. (`enter` uses SET LOCAL, which needs no function.)
revoke execute on function pg_catalog.set_config(text, text, boolean) from public;
grant execute on function pg_catalog.set_config(text, text, boolean) to waymark_owner, waymark_migrator;

-- A DO block is one statement and could change the role; calling a PL/pgSQL function needs no USAGE.
revoke usage on language plpgsql from public;
grant usage on language plpgsql to waymark_owner, waymark_migrator;

-- Functions by which an injected SELECT could leave something behind, run text as a query, block others or wait.
revoke execute on function
  pg_catalog.lo_create(oid), pg_catalog.lo_creat(integer), pg_catalog.lo_from_bytea(oid, bytea),
  pg_catalog.lo_put(oid, bigint, bytea), pg_catalog.lowrite(integer, bytea), pg_catalog.lo_open(oid, integer),
  pg_catalog.lo_unlink(oid), pg_catalog.lo_truncate(integer, integer), pg_catalog.lo_truncate64(integer, bigint),
  pg_catalog.query_to_xml(text, boolean, boolean, text), pg_catalog.query_to_xmlschema(text, boolean, boolean, text),
  pg_catalog.query_to_xml_and_xmlschema(text, boolean, boolean, text),
  pg_catalog.ts_stat(text), pg_catalog.ts_stat(text, text), pg_catalog.ts_rewrite(tsquery, text),
  pg_catalog.pg_advisory_lock(bigint), pg_catalog.pg_advisory_lock(integer, integer),
  pg_catalog.pg_try_advisory_lock(bigint), pg_catalog.pg_try_advisory_lock(integer, integer),
  pg_catalog.pg_advisory_lock_shared(bigint), pg_catalog.pg_advisory_lock_shared(integer, integer),
  pg_catalog.pg_try_advisory_lock_shared(bigint), pg_catalog.pg_try_advisory_lock_shared(integer, integer),
  pg_catalog.pg_advisory_xact_lock(bigint), pg_catalog.pg_advisory_xact_lock(integer, integer),
  pg_catalog.pg_try_advisory_xact_lock(bigint), pg_catalog.pg_try_advisory_xact_lock(integer, integer),
  pg_catalog.pg_advisory_xact_lock_shared(bigint), pg_catalog.pg_advisory_xact_lock_shared(integer, integer),
  pg_catalog.pg_try_advisory_xact_lock_shared(bigint), pg_catalog.pg_try_advisory_xact_lock_shared(integer, integer),
  pg_catalog.pg_notify(text, text), pg_catalog.pg_export_snapshot(),
  pg_catalog.pg_sleep(double precision), pg_catalog.pg_sleep_for(interval), pg_catalog.pg_sleep_until(timestamptz)
from public;
-- one migration at a time: the migrator takes a session lock
grant execute on function pg_catalog.pg_advisory_lock(bigint), pg_catalog.pg_try_advisory_lock(bigint)
  to waymark_owner, waymark_migrator;
do $$
begin
  -- 17 gave this one a further argument
  if pg_catalog.current_setting('server_version_num')::int >= 170000 then
    revoke execute on function pg_catalog.pg_logical_emit_message(boolean, text, text, boolean),
      pg_catalog.pg_logical_emit_message(boolean, text, bytea, boolean) from public;
  else
    revoke execute on function pg_catalog.pg_logical_emit_message(boolean, text, text),
      pg_catalog.pg_logical_emit_message(boolean, text, bytea) from public;
  end if;
end $$;
