-- The database roles every Waymark deployment has, and what PUBLIC must not be able to do in its database.
--
-- Run once by a superuser in the deployment's database; running it again changes nothing. It speaks to PostgreSQL
-- 15-18. Logins of partitions are made by partition.sql, passwords are set by the caller. DO is right here: role
-- names are cluster-wide and `create role` knows no `if not exists`; the files below sql/institution never use it.

-- waymark_owner    owns the schemas; every table has a policy `owner_all` for it, because FORCE subjects it to
-- policies waymark_migrator runs migrations and creates institutions; its credential is never near `serve`
-- waymark_reporters   what the institutions' SQL logins for reports have in common: they may connect, and nothing else
do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'waymark_owner') then
    create role waymark_owner nologin;
  end if;
  if not exists (select from pg_catalog.pg_roles where rolname = 'waymark_migrator') then
    create role waymark_migrator login noinherit createrole;
  end if;
  if not exists (select from pg_catalog.pg_roles where rolname = 'waymark_reporters') then
    create role waymark_reporters nologin;
  end if;
  if pg_catalog.current_setting('server_version_num')::int >= 160000 then
    -- 15 does not ask for it of who may create roles
    execute 'grant waymark_reporters to waymark_migrator with admin true, inherit false, set false';
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
  execute pg_catalog.format('grant connect on database %I to waymark_reporters', pg_catalog.current_database());
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

-- What a reporter's login may not set itself is set for it by the migrator (institution/reporter.sql) ...
grant set on parameter log_statement, temp_file_limit to waymark_migrator;
-- ... and what it may set itself is enforced from outside: `end_reports`, the owner's, ends what it keeps open for too long.
grant pg_read_all_stats, pg_signal_backend to waymark_owner;

revoke all on schema public from public;

-- revoked_functions.txt says which and why; the caller fills them in, one signature a line. What a server does not have
-- is skipped.
do $$
declare
  signature text;
begin
  for signature in
    select 'pg_catalog.' || f from pg_catalog.regexp_split_to_table('{{revoked_functions}}', '\n') f
     where pg_catalog.to_regprocedure('pg_catalog.' || f) is not null
  loop
    execute 'revoke execute on function ' || signature || ' from public';
  end loop;
end $$;
-- pg_dump, pg_restore and vacuumdb begin with set_config, so the logins that run those keep it; so does `who`, the owner's.
-- One migration at a time: the migrator takes a session lock.
grant execute on function
  pg_catalog.set_config(text, text, boolean), pg_catalog.pg_advisory_lock(bigint),
  pg_catalog.pg_try_advisory_lock(bigint)
to waymark_owner, waymark_migrator;

-- A DO block is one statement and could change the role; calling a PL/pgSQL function needs no USAGE.
revoke usage on language plpgsql from public;
grant usage on language plpgsql to waymark_owner, waymark_migrator;
