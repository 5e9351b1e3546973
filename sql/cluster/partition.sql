-- The login of partition {{partition}}: resolves a host name to an institution of its partition and calls `enter`
-- there.
--
-- Run by a superuser or waymark_migrator in the deployment's database, for partition 1 and for each further one;
-- running it again changes nothing. A partition holds at most 1,000 institutions: the first SET ROLE of a
-- connection reads all memberships of the login. NOINHERIT: before `enter` it has no right of any institution. The
-- caller sets the password.
do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'waymark_app_{{partition}}') then
    create role waymark_app_{{partition}} login noinherit;
  end if;
  if not pg_catalog.has_database_privilege('waymark_app_{{partition}}', pg_catalog.current_database(), 'connect') then
    execute pg_catalog.format(
      'grant connect on database %I to waymark_app_{{partition}}', pg_catalog.current_database());
  end if;
  -- as platform/0023_servers.sql gives it to those that are there before it
  if pg_catalog.to_regclass('waymark.servers') is not null then
    execute 'set local role waymark_owner';
    execute 'grant select (id, login, seen_at), insert (id, program, host, pid, version, started_at, draining, slowest),
       update (seen_at, draining, slowest), delete on waymark.servers to waymark_app_{{partition}}';
    execute 'reset role';
  end if;
  -- and as platform/0024_background_figures.sql
  if pg_catalog.to_regclass('waymark.background_figures') is not null then
    execute 'set local role waymark_owner';
    execute 'grant select on waymark.background_figures to waymark_app_{{partition}}';
    execute 'reset role';
  end if;
end $$;
