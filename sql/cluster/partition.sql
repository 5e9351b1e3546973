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
end $$;
