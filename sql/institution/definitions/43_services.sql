-- The gate, background work, reporting; and what every caller does to own rows: sign out, repeat a POST, leave a
-- trace.

-- ---- gate: sign-in and invitations, nothing else
grant select (id, name, suspended, session_idle_minutes, session_absolute_minutes, color, logo, language) on settings
  to inst_{{id}}_gate;
-- names, because a new password must not be made of them
grant select (id, email, role, status, password_hash, given_name, family_name, preferred_name) on accounts
  to inst_{{id}}_gate;
grant select, insert (token_hash, account_id, expires_at, address, program), delete on sessions to inst_{{id}}_gate;
-- the second step of signing in, and what everybody does with the own authenticator, after the password or a code was asked for
grant select, insert (account_id, seed), update (seed, confirmed_at, last_step, recovery_hashes), delete on authenticators
  to inst_{{id}}_gate;
grant select, insert (secret_hash, account_id, checked, expires_at), delete on sign_in_challenges to inst_{{id}}_gate;
drop policy if exists gate_all on authenticators;
create policy gate_all on authenticators to inst_{{id}}_gate using (true) with check (true);
drop policy if exists gate_all on sign_in_challenges;
create policy gate_all on sign_in_challenges to inst_{{id}}_gate using (true) with check (true);
grant select (account_id), insert (account_id), update (at) on sign_ins to inst_{{id}}_gate;
grant select, insert (key, window_start, failures), update (window_start, failures), delete on sign_in_attempts
  to inst_{{id}}_gate;
grant select (secret_hash, account_id, expires_at, used_at, kind) on invitations to inst_{{id}}_gate;
grant insert (address) on reset_requests to inst_{{id}}_gate;
grant select (token, account_id, reminders, requests), update (reminders, requests) on mail_preferences to inst_{{id}}_gate;
drop policy if exists gate_reads on settings;
create policy gate_reads on settings for select to inst_{{id}}_gate using (true);
drop policy if exists gate_reads on accounts;
create policy gate_reads on accounts for select to inst_{{id}}_gate using (true);
drop policy if exists gate_all on sessions;
create policy gate_all on sessions to inst_{{id}}_gate using (true) with check (true);
drop policy if exists gate_notes on sign_ins;
create policy gate_notes on sign_ins to inst_{{id}}_gate using (true) with check (true);
drop policy if exists gate_all on sign_in_attempts;
create policy gate_all on sign_in_attempts to inst_{{id}}_gate using (true) with check (true);
drop policy if exists gate_reads on invitations;
create policy gate_reads on invitations for select to inst_{{id}}_gate using (true);
drop policy if exists gate_notes on reset_requests;
create policy gate_notes on reset_requests for insert to inst_{{id}}_gate with check (true);
drop policy if exists gate_reads on mail_preferences;
create policy gate_reads on mail_preferences for select to inst_{{id}}_gate using (true);
drop policy if exists gate_unsubscribes on mail_preferences;
create policy gate_unsubscribes on mail_preferences for update to inst_{{id}}_gate
  using (true) with check (not reminders and not requests);

-- ---- system: plans and sends mail, sweeps what has expired
grant select (id, name, suspended, student_visibility, time_zone, reminder_hour) on settings to inst_{{id}}_system;
grant select on due_reminders, due_requests, mail_recipients, reset_recipients, mail_templates, request_templates to inst_{{id}}_system;
grant select, insert (account_id, kind, day, since, since_at, report_id, message_id, due_at),
  update (message_id, state, attempts, due_at, lease, reason, milestone_ids, settled_at, collects, link_hash), delete
  on mails to inst_{{id}}_system;
grant select, delete on reset_requests to inst_{{id}}_system;
grant select (account_id), insert (account_id) on mail_preferences to inst_{{id}}_system;
grant select, update (done_on) on turns to inst_{{id}}_system;
-- Reports by mail: the same rows that admins see, for admins; which cohorts a filter means.
grant select, update (planned_until) on mailed_reports to inst_{{id}}_system;
grant select on report_progress, report_support, report_answers, report_enrollments, report_requests, report_sign_ins, report_mails
  to inst_{{id}}_system;
grant select (id, category_id) on cohorts to inst_{{id}}_system;
grant select on cohort_groups to inst_{{id}}_system;
drop policy if exists system_reads on cohorts;
create policy system_reads on cohorts for select to inst_{{id}}_system using (true);
drop policy if exists system_reads on cohort_groups;
create policy system_reads on cohort_groups for select to inst_{{id}}_system using (true);
drop policy if exists system_reads on mailed_reports;
create policy system_reads on mailed_reports for select to inst_{{id}}_system using (true);
drop policy if exists system_plans on mailed_reports;
create policy system_plans on mailed_reports for update to inst_{{id}}_system using (true) with check (true);
grant select (expires_at), delete on sessions, invitations, sign_in_challenges to inst_{{id}}_system;
grant select (created_at), delete on idempotency_keys to inst_{{id}}_system;
grant select (window_start), delete on sign_in_attempts to inst_{{id}}_system;
grant select (complete, created_at), delete on milestone_files to inst_{{id}}_system;
grant select (id, event_id, created_at), delete on submission_files to inst_{{id}}_system;
drop policy if exists system_reads on settings;
create policy system_reads on settings for select to inst_{{id}}_system using (true);
drop policy if exists system_reads on mails;
create policy system_reads on mails for select to inst_{{id}}_system using (true);
drop policy if exists system_plans on mails;
create policy system_plans on mails for insert to inst_{{id}}_system with check (true);
drop policy if exists system_sends on mails;
create policy system_sends on mails for update to inst_{{id}}_system using (true) with check (true);
drop policy if exists system_sweeps on mails;
create policy system_sweeps on mails for delete to inst_{{id}}_system
  using (settled_at < waymark.kept_since('mails'));
drop policy if exists system_reads on reset_requests;
create policy system_reads on reset_requests for select to inst_{{id}}_system using (true);
drop policy if exists system_takes on reset_requests;
create policy system_takes on reset_requests for delete to inst_{{id}}_system using (true);
drop policy if exists system_reads on mail_preferences;
create policy system_reads on mail_preferences for select to inst_{{id}}_system using (true);
drop policy if exists system_makes_tokens on mail_preferences;
create policy system_makes_tokens on mail_preferences for insert to inst_{{id}}_system with check (true);
drop policy if exists system_reads on mail_templates;
create policy system_reads on mail_templates for select to inst_{{id}}_system using (true);
drop policy if exists system_reads on request_templates;
create policy system_reads on request_templates for select to inst_{{id}}_system using (true);
drop policy if exists system_takes_turn on turns;
create policy system_takes_turn on turns to inst_{{id}}_system
  using (work = 'reminders') with check (work = 'reminders');
drop policy if exists system_sweeps on sessions;
-- a week later, for until then it is told whose the forms of an ended session are
create policy system_sweeps on sessions to inst_{{id}}_system
  using (expires_at < now() - interval '7 days') with check (false);
drop policy if exists system_sweeps on sign_in_challenges;
create policy system_sweeps on sign_in_challenges to inst_{{id}}_system using (expires_at < now()) with check (false);
drop policy if exists system_sweeps on invitations;
-- for as long as it is told who was invited and never came
create policy system_sweeps on invitations to inst_{{id}}_system
  using (expires_at < now() - interval '400 days') with check (false);
drop policy if exists system_sweeps on idempotency_keys;
create policy system_sweeps on idempotency_keys to inst_{{id}}_system
  using (created_at < now() - interval '24 hours') with check (false);
drop policy if exists system_sweeps on sign_in_attempts;
create policy system_sweeps on sign_in_attempts to inst_{{id}}_system
  using (window_start < now() - case when failures < 0 then interval '30 days' else interval '1 day' end)
  with check (false);
drop policy if exists system_sweeps on milestone_files;
create policy system_sweeps on milestone_files to inst_{{id}}_system
  using (not complete and created_at < now() - interval '1 day') with check (false);
drop policy if exists system_sweeps on submission_files;
create policy system_sweeps on submission_files to inst_{{id}}_system
  using (event_id is null and created_at < now() - interval '1 day') with check (false);
-- what the institution keeps no longer (34_retention.sql)
drop policy if exists system_closes on submission_files;
create policy system_closes on submission_files to inst_{{id}}_system
  using (cohort_id = any (waymark.closed_cohort_ids())) with check (false);
grant select (id), delete on audit to inst_{{id}}_system;
drop policy if exists system_sees_old on audit;
-- Which groups ever came to a cohort says who keeps it (30_entry.sql), and names nobody.
create policy system_sees_old on audit for select to inst_{{id}}_system
  using (at < waymark.kept_since('audit') and action <> 'attachment.create');
drop policy if exists system_sweeps on audit;
create policy system_sweeps on audit for delete to inst_{{id}}_system
  using (at < waymark.kept_since('audit') and action <> 'attachment.create');
grant select (expires_at), delete on uploads to inst_{{id}}_system;
drop policy if exists system_sweeps on uploads;
create policy system_sweeps on uploads to inst_{{id}}_system using (expires_at < now()) with check (false);
grant select (entry, at), delete on inbox_reads to inst_{{id}}_system;
drop policy if exists system_sweeps on inbox_reads;
-- what is older than all that an inbox tells of
create policy system_sweeps on inbox_reads to inst_{{id}}_system
  using (entry <> '' and at < now() - interval '100 days') with check (false);

-- ---- reporter
grant select on report_progress, report_support, report_answers, report_enrollments, report_sign_ins, report_mails,
  report_students, report_cohorts, report_requests, report_extensions, report_imports, report_audit to inst_{{id}}_reporter;

-- ---- own rows of every caller
grant select (token_hash, account_id, created_at, seen_at, expires_at, id, address, program), update (expires_at) on sessions
  to inst_{{id}}_admin, inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff, inst_{{id}}_student;
drop policy if exists callers_see_own_sessions on sessions;
create policy callers_see_own_sessions on sessions for select
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff, inst_{{id}}_student
  using (account_id = waymark.account_id());
drop policy if exists callers_end_own_sessions on sessions;
create policy callers_end_own_sessions on sessions for update
  to inst_{{id}}_admin, inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff, inst_{{id}}_student
  using (account_id = waymark.account_id())
  with check (account_id = waymark.account_id() and expires_at <= now());
-- A server of the version before signs out by deleting the row. (Admins may already.) Goes with the version after this one.
grant delete on sessions to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff, inst_{{id}}_student;
drop policy if exists callers_delete_own_sessions on sessions;
create policy callers_delete_own_sessions on sessions for delete
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff, inst_{{id}}_student
  using (account_id = waymark.account_id());
grant select, insert (route, key, body_hash), update (state, status, headers, response), delete on idempotency_keys
  to inst_{{id}}_admin, inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff,
  inst_{{id}}_student;
drop policy if exists callers_keep_own_keys on idempotency_keys;
create policy callers_keep_own_keys on idempotency_keys
  to inst_{{id}}_admin, inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff,
  inst_{{id}}_student using (account_id = waymark.account_id()) with check (account_id = waymark.account_id());
grant select, insert (route, key, n, bytes) on idempotency_pieces
  to inst_{{id}}_admin, inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff,
  inst_{{id}}_student;
drop policy if exists callers_keep_own_pieces on idempotency_pieces;
create policy callers_keep_own_pieces on idempotency_pieces
  to inst_{{id}}_admin, inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff,
  inst_{{id}}_student using (account_id = waymark.account_id()) with check (account_id = waymark.account_id());
grant select, insert (name, query), update (query), delete on saved_views
  to inst_{{id}}_admin, inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff;
drop policy if exists callers_keep_own_views on saved_views;
create policy callers_keep_own_views on saved_views
  to inst_{{id}}_admin, inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  using (account_id = waymark.account_id()) with check (account_id = waymark.account_id());
grant select (account_id, reminders, language, requests), insert (account_id, reminders, language, requests),
  update (reminders, language, requests) on mail_preferences
  to inst_{{id}}_admin, inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff, inst_{{id}}_student;
drop policy if exists callers_keep_own_preferences on mail_preferences;
create policy callers_keep_own_preferences on mail_preferences
  to inst_{{id}}_admin, inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff, inst_{{id}}_student
  using (account_id = waymark.account_id()) with check (account_id = waymark.account_id());
-- Not by API tokens: an address would outlive them.
grant select (account_id, language, created_at), insert (token_hash, language), delete on calendar_feeds
  to inst_{{id}}_admin, inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff, inst_{{id}}_student;
drop policy if exists callers_keep_own_feed on calendar_feeds;
create policy callers_keep_own_feed on calendar_feeds
  to inst_{{id}}_admin, inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff, inst_{{id}}_student
  using (account_id = waymark.account_id() and waymark.token_id() is null)
  with check (account_id = waymark.account_id() and waymark.token_id() is null);
grant select (account_id, entry, at), insert (entry, at), update (at), delete on inbox_reads
  to inst_{{id}}_admin, inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff, inst_{{id}}_student;
drop policy if exists callers_keep_own_reads on inbox_reads;
create policy callers_keep_own_reads on inbox_reads
  to inst_{{id}}_admin, inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff, inst_{{id}}_student
  using (account_id = waymark.account_id()) with check (account_id = waymark.account_id());
-- Every role appends to the audit, only admins read it, nobody changes it; actor, role, token and time are defaults.
grant insert (action, subject, before, after) on audit
  to inst_{{id}}_admin, inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff,
  inst_{{id}}_student, inst_{{id}}_gate, inst_{{id}}_system;
drop policy if exists everyone_appends on audit;
create policy everyone_appends on audit for insert
  to inst_{{id}}_admin, inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff,
  inst_{{id}}_student, inst_{{id}}_gate, inst_{{id}}_system with check (true);

-- Takes back the caller's own last step on a student's milestone: status, comment and time become what they were before, and
-- the history tells both steps. For a minute, so that nobody takes back what others may have read and acted on; a student's
-- own completion for as long as nobody else has touched it. Answers nothing where something has happened since the version
-- that was seen, or the last step is somebody else's, too old, or taken back already. Definer: no policy lets staff submit
-- or a student leave `completed`, and none can tell that this only restores what was there.
create or replace function undo_step(of_milestone int, of_student int, seen int)
returns table (in_cohort int, was text, became text)
language plpgsql volatile security definer set search_path = '' as $$
declare
  caller record;
  now_there record;
  mistake record;
  earlier record;
begin
  select a.id, a.role into caller from {{schema}}.accounts a where a.id = waymark.account_id() and a.status = 'active';
  select p.cohort_id, p.status into now_there
    from {{schema}}.progress p
    join {{schema}}.milestones m on m.id = p.milestone_id and m.saved
    join {{schema}}.cohorts c on c.id = p.cohort_id and c.archived_at is null
   where p.milestone_id = of_milestone and p.student_id = of_student and p.enrolled and p.version = seen
     and case caller.role
           when 'admin' then true
           when 'student' then p.student_id = caller.id and p.cohort_id = any (waymark.cohort_ids())
           else p.cohort_id = any (waymark.acting_cohort_ids()) end
     for update of p;
  if not found then return; end if;
  select v.id, v.actor_id, v.at, v.from_status, v.to_status, v.undo into mistake
    from {{schema}}.progress_events v
   where v.milestone_id = of_milestone and v.student_id = of_student order by v.id desc limit 1;
  if mistake.actor_id is distinct from caller.id or mistake.undo or mistake.to_status <> now_there.status
    or mistake.at < now() - interval '1 minute' and not (caller.role = 'student' and mistake.to_status = 'completed')
  then return; end if;
  -- what had led there: the last step before it that stands, and is not the one or the other half of an earlier mistake
  select x.at, x.comment into earlier
    from (select v.id, v.at, v.comment, v.to_status, v.undo, lead(v.undo, 1, false) over (order by v.id) as undone
            from {{schema}}.progress_events v
           where v.milestone_id = of_milestone and v.student_id = of_student and v.id < mistake.id) x
   where not x.undo and not x.undone and x.to_status = mistake.from_status order by x.id desc limit 1;
  update {{schema}}.progress p
     set status = mistake.from_status, comment = earlier.comment, updated_at = coalesce(earlier.at, now()),
         version = p.version + 1
   where p.milestone_id = of_milestone and p.student_id = of_student;
  insert into {{schema}}.progress_events (milestone_id, student_id, cohort_id, from_status, to_status, undo)
  values (of_milestone, of_student, now_there.cohort_id, now_there.status, mistake.from_status, true);
  return query select now_there.cohort_id, now_there.status, mistake.from_status;
end $$;
grant execute on function undo_step(int, int, int)
  to inst_{{id}}_admin, inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff, inst_{{id}}_student;

-- What a student asks for goes by mail to those members of the cohort's groups who want it, ten minutes later: what comes until
-- then goes with it. While another request joins a mail, that is locked, and no worker takes it. Accounts are locked in their
-- order, so that two students never wait for each other. To be called last in a transaction: it locks the institution's row in
-- the directory, as `schedule_work` does. Definer: students see no mail, and not who wants any.
create or replace function announce_requests(of_cohorts int[]) returns void
language plpgsql volatile security definer set search_path = '' as $$
begin
  insert into {{schema}}.mails as m (account_id, kind, since_at, collects, message_id, due_at)
  select b.account_id, 'request', now(), true, 'request.' || gen_random_uuid(), now() + interval '10 minutes'
    from (select distinct b.account_id
            from {{schema}}.cohort_groups l
            join {{schema}}.groups g on g.id = l.group_id and g.archived_at is null
            join {{schema}}.group_members b on b.group_id = g.id
            join {{schema}}.accounts a on a.id = b.account_id and a.status = 'active'
            join {{schema}}.mail_preferences f on f.account_id = b.account_id and f.requests
           where l.cohort_id = any (of_cohorts) and l.cohort_id = any (waymark.cohort_ids())) b
   order by b.account_id
  on conflict (account_id) where collects do update set since_at = least(m.since_at, excluded.since_at);
  if not found then return; end if;
  perform from waymark.institutions i where i.id = {{id}} for no key update;
  update waymark.institutions i set work_at = now() + interval '10 minutes'
   where i.id = {{id}} and i.work_at > now() + interval '10 minutes';
end $$;
grant execute on function announce_requests(int[]) to inst_{{id}}_student;
