-- The processes that serve and work: each writes its own row once a minute and takes it away when it ends. What has not
-- been seen for an hour was killed, and goes with the next one's minute.
create table waymark.servers (
  id uuid not null,
  login text not null default current_user,
  program text not null,
  host text not null,
  pid int not null,
  version text not null,
  started_at timestamptz not null,
  seen_at timestamptz not null default now(),
  draining boolean not null default false,
  -- the few institutions whose requests took it longest of late: RequestTimes, as the program writes them
  slowest jsonb not null default '[]',
  constraint servers_pkey primary key (id),
  constraint servers_program_check check (program in ('serve', 'work')),
  constraint servers_host_check check (char_length(host) between 1 and 255),
  constraint servers_version_check check (char_length(version) between 1 and 100),
  constraint servers_slowest_check check (jsonb_typeof(slowest) = 'array' and octet_length(slowest::text) <= 10000)
);
alter table waymark.servers enable row level security;
alter table waymark.servers force row level security;
create policy owner_all on waymark.servers to waymark_owner using (true) with check (true);
create policy services_keep_own on waymark.servers
  using (login = current_user::text) with check (login = current_user::text);
-- also those of a partition that nobody serves any more
create policy services_sweep on waymark.servers for delete using (seen_at < now() - interval '1 hour');
create policy services_see_swept on waymark.servers for select using (seen_at < now() - interval '1 hour');

-- To the logins by name, and not to PUBLIC: whoever may update or delete may lock the table too, a reporter for instance.
-- A login that comes later gets the same from cluster/partition.sql.
do $$
declare
  service text;
begin
  for service in select rolname from pg_catalog.pg_roles where rolname ~ '^waymark_app_[0-9]+$' loop
    execute pg_catalog.format(
      'grant select (id, login, seen_at), insert (id, program, host, pid, version, started_at, draining, slowest),
         update (seen_at, draining, slowest), delete on waymark.servers to %I', service);
  end loop;
end $$;
