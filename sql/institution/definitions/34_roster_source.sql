-- Rosters that are fetched from a server.

-- Background work that takes in what a run has fetched: as an admin who is nobody, for what admins have ruled in person. `run_lease`
-- is the run's, so that nobody comes in for a run that was given up.
create or replace function enter_roster(run_lease uuid) returns void language plpgsql volatile as $$
begin
  perform {{schema}}.enter_system();
  perform from {{schema}}.roster_runs r where r.lease = run_lease;
  if not found then
    raise exception 'not this run' using errcode = 'WM403';
  end if;
  set local role inst_{{id}}_admin;
end $$;

-- Says in the platform's directory when somebody has to look after the roster next: a run that waits, a lease that ends, or its
-- time. What RosterSource.next says of that in the program is said here once more. Whoever changed one of these calls it last, in the same transaction; see schedule_work. Definer: nobody else may write there.
create or replace function schedule_roster() returns void language plpgsql volatile security definer set search_path = '' as $$
begin
  perform from waymark.institutions i where i.id = {{id}} for no key update;
  update waymark.institutions i set roster_at = least(
      (select coalesce(r.lease_ends_at, r.asked_at) from {{schema}}.roster_runs r where r.state in ('waiting', 'running')),
      (select waymark.next_run(greatest(s.done_at, waymark.reminder_moment(s.done_on, s.hour, x.time_zone)), s.every_hours, s.hour,
           x.time_zone)
         from {{schema}}.roster_sources s cross join {{schema}}.settings x where s.enabled))
   where i.id = {{id}};
end $$;

grant execute on function enter_roster(uuid) to {{app}};
grant execute on function schedule_roster() to inst_{{id}}_admin, inst_{{id}}_system;

-- ---- admin: in person, because a roster makes accounts
grant select, update (enabled, base_url, token_url, client_id, sealed_secret, scope, hour, suspends_missing, partial, done_on,
  read_to, whole_at, version, every_hours, done_at) on roster_sources to inst_{{id}}_admin;
grant select (id, state, account_id, whole, short, most_suspended, asked_at, started_at, ended_at, records, added, updated,
  unchanged, failed, skipped, suspended, leaving, fault, detail, fault_count, fault_most, problems),
  insert (whole, most_suspended) on roster_runs to inst_{{id}}_admin;
drop policy if exists admin_all_in_person on roster_sources;
create policy admin_all_in_person on roster_sources to inst_{{id}}_admin
  using (waymark.token_id() is null) with check (waymark.token_id() is null);
drop policy if exists admin_all_in_person on roster_runs;
create policy admin_all_in_person on roster_runs to inst_{{id}}_admin
  using (waymark.token_id() is null) with check (waymark.token_id() is null);

-- ---- system: fetches, keeps the history, and sweeps it
grant select (id, enabled, base_url, token_url, client_id, sealed_secret, scope, hour, suspends_missing, partial, done_on, read_to,
  whole_at, rules_version, every_hours, done_at), update (done_on, read_to, whole_at, rules_version, done_at) on roster_sources to inst_{{id}}_system;
grant select, insert (whole),
  update (state, whole, short, started_at, ended_at, lease, lease_ends_at, records, added, updated, unchanged, failed, skipped,
  suspended, leaving, fault, detail, fault_count, fault_most, problems), delete on roster_runs to inst_{{id}}_system;
grant select (id, version) on roster_rules to inst_{{id}}_system;
drop policy if exists system_reads on roster_sources;
create policy system_reads on roster_sources for select to inst_{{id}}_system using (true);
drop policy if exists system_notes on roster_sources;
create policy system_notes on roster_sources for update to inst_{{id}}_system using (true) with check (true);
drop policy if exists system_reads on roster_runs;
create policy system_reads on roster_runs for select to inst_{{id}}_system using (true);
drop policy if exists system_begins on roster_runs;
create policy system_begins on roster_runs for insert to inst_{{id}}_system with check (true);
drop policy if exists system_keeps on roster_runs;
create policy system_keeps on roster_runs for update to inst_{{id}}_system using (true) with check (true);
drop policy if exists system_sweeps on roster_runs;
create policy system_sweeps on roster_runs for delete to inst_{{id}}_system using (ended_at < now() - interval '400 days');
drop policy if exists system_reads on roster_rules;
create policy system_reads on roster_rules for select to inst_{{id}}_system using (true);
