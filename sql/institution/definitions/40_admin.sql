-- Admin: everything of the institution; the policies are `true`, which keeps every index usable. What an API token
-- may never do is refused here too: settings, tokens, invitations, passwords and roles of new accounts. (A changed
-- role or password of an existing account cannot be told in WITH CHECK: those routes demand `admin-in-person`.)

grant select, update (name, student_visibility, cohort_delegation, time_zone, reminder_hour, session_idle_minutes,
  session_absolute_minutes, file_quota_bytes, version, color, logo, language, sample_cohort_id, admins_need_codes,
  keep_students_days, keep_audit_days, keep_mails_days, keep_files_days, suspend_percent)
  on settings to inst_{{id}}_admin;
grant select (id, email, given_name, family_name, preferred_name, role, status, student_number, created_at, version, name,
  sort_name, search_text, archived_at, erased_at),
  insert (email, given_name, family_name, preferred_name, role, status, student_number, password_hash),
  update (email, given_name, family_name, preferred_name, role, status, student_number, password_hash, version), delete
  on accounts to inst_{{id}}_admin;
grant select, insert (account_id, account_role, title, office, phone, location, biography, hours, booking_url,
  email, published),
  update (title, office, phone, location, biography, hours, booking_url, email, published, version), delete
  on cards to inst_{{id}}_admin;
grant select, insert (group_id, account_id, account_role, manager), update (manager), delete on group_members
  to inst_{{id}}_admin;
grant select, insert (department_id, account_id, account_role), delete on department_directors to inst_{{id}}_admin;
grant select, insert (name), update (name, version), delete on departments to inst_{{id}}_admin;
grant select, insert (name), update (name, position, version), delete on cohort_categories to inst_{{id}}_admin;
grant select, insert (name, description, department_id), update (name, description, department_id, archived_at,
  version),
  delete on groups to inst_{{id}}_admin;
grant select, insert (category_id, name, goal, planned_milestones),
  update (category_id, name, goal, planned_milestones, archived_at, version), delete on cohorts to inst_{{id}}_admin;
grant select, insert (cohort_id, group_id), delete on cohort_groups to inst_{{id}}_admin;
grant select, insert (cohort_id, student_id), update (joined_at, left_at, contact_id), delete on enrollments to inst_{{id}}_admin;
grant select, insert (cohort_id, title, due_on, due_after_days, description, reminders, completion, saved),
  update (title, due_on, due_after_days, description, reminders, completion, saved, position, archived_at,
  changed_at, version, shared_id),
  delete on milestones to inst_{{id}}_admin;
grant select, insert (cohort_id, milestone_id, milestone_saved, name, content_type, size, checksum, complete),
  update (name, content_type, size, checksum, complete, version), delete on milestone_files to inst_{{id}}_admin;
grant select, insert (file_id, n, cohort_id, milestone_saved, bytes), delete on file_chunks to inst_{{id}}_admin;
grant select, insert (milestone_id, student_id, cohort_id, completion, status, comment, updated_at),
  update (status, comment, updated_at, version) on progress to inst_{{id}}_admin;
grant select, insert (milestone_id, student_id, cohort_id, from_status, to_status, comment) on progress_events
  to inst_{{id}}_admin;
grant select, insert (milestone_id, student_id, cohort_id, due_on, status, comment, updated_at),
  update (due_on, status, asked_for, comment, updated_at, version) on extensions to inst_{{id}}_admin;
grant select, insert (milestone_id, student_id, cohort_id, status, due_on, comment) on extension_events
  to inst_{{id}}_admin;
grant select on submission_files, submission_chunks to inst_{{id}}_admin;
grant delete on sessions to inst_{{id}}_admin;
grant select (id, name, scopes, maker_id, created_at, expires_at, revoked_at),
  insert (token_hash, name, scopes, expires_at), update (revoked_at) on api_tokens to inst_{{id}}_admin;
grant select (account_id, created_at, expires_at, used_at, kind), insert (secret_hash, account_id, expires_at), delete
  on invitations to inst_{{id}}_admin;
grant select on audit to inst_{{id}}_admin;
grant select (id, account_id, kind, day, message_id, state, attempts, due_at, reason, milestone_ids, settled_at, since_at),
  insert (account_id, kind, day, since, message_id, due_at),
  update (message_id, state, attempts, due_at, reason, settled_at) on mails to inst_{{id}}_admin;
grant select, insert (language, subject, opening, closing), update (subject, opening, closing, version), delete
  on mail_templates, request_templates to inst_{{id}}_admin;
grant select, insert (report, category_id, cohort_id, group_id, from_on, to_on, weekday, hour, recipients),
  update (report, category_id, cohort_id, group_id, from_on, to_on, weekday, hour, recipients, planned_until, version), delete
  on mailed_reports to inst_{{id}}_admin;
grant select, insert (heading, field), update (field), delete on import_columns to inst_{{id}}_admin;
grant select, insert (kind, sourced_id, department_id, account_id, cohort_id, suspended),
  update (department_id, account_id, cohort_id, suspended), delete on roster_records to inst_{{id}}_admin;
grant select, update (administrator, aide, counselor, principal, proctor, teacher, category_id, class_type, class_text, version)
  on roster_rules to inst_{{id}}_admin;
grant select, insert (user_name, external_id, active, display_name, given_name, family_name, emails, email, employee_number),
  update (user_name, external_id, active, display_name, given_name, family_name, emails, email, account_id, granted_role,
  suspended, problem, changed_at, version, employee_number, granted_number), delete on scim_users to inst_{{id}}_admin;
grant select, insert (display_name, external_id), update (display_name, external_id, changed_at, version, rule_version),
  delete on scim_groups to inst_{{id}}_admin;
grant select, insert (scim_group_id, scim_user_id), delete on scim_members to inst_{{id}}_admin;
grant select, insert (scim_group_id, member_id), delete on scim_subgroups to inst_{{id}}_admin;
grant select, update (default_role, version) on scim_rules to inst_{{id}}_admin;
grant select, insert (scim_group_id, role, group_id), update (role, group_id), delete on scim_group_rules
  to inst_{{id}}_admin;
grant select, insert (name, address), update (encoding, delimiter, columns, added, updated, unchanged, failed, missing, suspended,
  leaving), delete on uploads to inst_{{id}}_admin;
grant select, insert (upload_id, n, bytes) on upload_pieces to inst_{{id}}_admin;
grant select on setup, counted_cohorts, students, my_students, caseload, caseload_progress, caseload_extensions, contacts, reasons,
  waiting, waiting_extensions, directory, memberships, group_people, support_network, assignments, worked_milestones, sent_reminders, sharing,
  file_usage, inbox, unanswered, invitation_states, report_progress, report_support, report_answers, report_enrollments, report_sign_ins, report_mails,
  report_students, report_cohorts, report_requests, report_extensions, report_imports, report_audit
  to inst_{{id}}_admin;
grant execute on function setup_missing() to inst_{{id}}_admin;

drop policy if exists admin_all on cards;
create policy admin_all on cards to inst_{{id}}_admin using (true) with check (true);
drop policy if exists admin_all on departments;
create policy admin_all on departments to inst_{{id}}_admin using (true) with check (true);
drop policy if exists admin_all on department_directors;
create policy admin_all on department_directors to inst_{{id}}_admin using (true) with check (true);
drop policy if exists admin_all on groups;
create policy admin_all on groups to inst_{{id}}_admin using (true) with check (true);
drop policy if exists admin_all on group_members;
create policy admin_all on group_members to inst_{{id}}_admin using (true) with check (true);
drop policy if exists admin_all on cohort_categories;
create policy admin_all on cohort_categories to inst_{{id}}_admin using (true) with check (true);
drop policy if exists admin_all on cohorts;
create policy admin_all on cohorts to inst_{{id}}_admin using (true) with check (true);
drop policy if exists admin_all on cohort_groups;
create policy admin_all on cohort_groups to inst_{{id}}_admin using (true) with check (true);
drop policy if exists admin_all on enrollments;
create policy admin_all on enrollments to inst_{{id}}_admin using (true) with check (true);
drop policy if exists admin_all on milestones;
create policy admin_all on milestones to inst_{{id}}_admin using (true) with check (true);
drop policy if exists admin_all on milestone_files;
create policy admin_all on milestone_files to inst_{{id}}_admin using (true) with check (true);
drop policy if exists admin_all on file_chunks;
create policy admin_all on file_chunks to inst_{{id}}_admin using (true) with check (true);
drop policy if exists admin_all on progress;
create policy admin_all on progress to inst_{{id}}_admin using (true) with check (true);
drop policy if exists admin_all on progress_events;
create policy admin_all on progress_events to inst_{{id}}_admin using (true) with check (true);
drop policy if exists admin_all on extensions;
create policy admin_all on extensions to inst_{{id}}_admin using (true) with check (true);
drop policy if exists admin_all on extension_events;
create policy admin_all on extension_events to inst_{{id}}_admin using (true) with check (true);
drop policy if exists admin_reads on submission_files;
create policy admin_reads on submission_files for select to inst_{{id}}_admin using (true);
drop policy if exists admin_reads on submission_chunks;
create policy admin_reads on submission_chunks for select to inst_{{id}}_admin using (true);
drop policy if exists admin_all on sessions;
drop policy if exists admin_reads on sessions;
create policy admin_reads on sessions for select to inst_{{id}}_admin using (true);
drop policy if exists admin_ends on sessions;
create policy admin_ends on sessions for delete to inst_{{id}}_admin using (true);

-- a lost phone: an admin takes the app away, and sees no seed
grant select (account_id, confirmed_at), delete on authenticators to inst_{{id}}_admin;
drop policy if exists admin_reads on authenticators;
create policy admin_reads on authenticators for select to inst_{{id}}_admin using (true);
drop policy if exists admin_takes_away_in_person on authenticators;
create policy admin_takes_away_in_person on authenticators for delete to inst_{{id}}_admin
  using (waymark.token_id() is null);
drop policy if exists admin_reads on settings;
create policy admin_reads on settings for select to inst_{{id}}_admin using (true);
drop policy if exists admin_changes_in_person on settings;
create policy admin_changes_in_person on settings for update to inst_{{id}}_admin
  using (waymark.token_id() is null) with check (true);
drop policy if exists admin_reads on accounts;
create policy admin_reads on accounts for select to inst_{{id}}_admin using (true);
drop policy if exists admin_adds on accounts;
create policy admin_adds on accounts for insert to inst_{{id}}_admin
  with check (waymark.token_id() is null or password_hash is null and role = 'student');
drop policy if exists admin_changes on accounts;
create policy admin_changes on accounts for update to inst_{{id}}_admin using (true) with check (true);
drop policy if exists admin_removes on accounts;
create policy admin_removes on accounts for delete to inst_{{id}}_admin using (true);
drop policy if exists admin_all_in_person on api_tokens;
create policy admin_all_in_person on api_tokens to inst_{{id}}_admin
  using (waymark.token_id() is null) with check (waymark.token_id() is null);
drop policy if exists admin_all_in_person on invitations;
create policy admin_all_in_person on invitations to inst_{{id}}_admin
  using (waymark.token_id() is null) with check (waymark.token_id() is null);
drop policy if exists admin_reads on audit;
create policy admin_reads on audit for select to inst_{{id}}_admin using (true);
drop policy if exists admin_reads on mails;
create policy admin_reads on mails for select to inst_{{id}}_admin using (true);
drop policy if exists admin_sends_again on mails;
create policy admin_sends_again on mails for update to inst_{{id}}_admin
  using (state = 'failed' or kind = 'invitation' and waymark.token_id() is null) with check (state = 'waiting');
drop policy if exists admin_invites_in_person on mails;
create policy admin_invites_in_person on mails for insert to inst_{{id}}_admin
  with check (kind = 'invitation' and waymark.token_id() is null);
-- What many people read is written by a person, not by whoever got hold of a token.
drop policy if exists admin_all_in_person on mail_templates;
create policy admin_all_in_person on mail_templates to inst_{{id}}_admin
  using (waymark.token_id() is null) with check (waymark.token_id() is null);
-- Figures leave by mail for whom a person named, not a program.
drop policy if exists admin_all_in_person on mailed_reports;
create policy admin_all_in_person on mailed_reports to inst_{{id}}_admin
  using (waymark.token_id() is null) with check (waymark.token_id() is null);
drop policy if exists admin_all on import_columns;
create policy admin_all on import_columns to inst_{{id}}_admin using (true) with check (true);
drop policy if exists admin_all on roster_records;
create policy admin_all on roster_records to inst_{{id}}_admin using (true) with check (true);
drop policy if exists admin_reads on roster_rules;
create policy admin_reads on roster_rules for select to inst_{{id}}_admin using (true);
drop policy if exists admin_changes_in_person on roster_rules;
create policy admin_changes_in_person on roster_rules for update to inst_{{id}}_admin
  using (waymark.token_id() is null) with check (true);
drop policy if exists admin_all on scim_users;
create policy admin_all on scim_users to inst_{{id}}_admin using (true) with check (true);
drop policy if exists admin_all on scim_groups;
create policy admin_all on scim_groups to inst_{{id}}_admin using (true) with check (true);
drop policy if exists admin_all on scim_members;
create policy admin_all on scim_members to inst_{{id}}_admin using (true) with check (true);
drop policy if exists admin_all on scim_subgroups;
create policy admin_all on scim_subgroups to inst_{{id}}_admin using (true) with check (true);
-- What a group makes of its members is ruled by a person, not by the program that fills the group.
drop policy if exists admin_reads on scim_rules;
create policy admin_reads on scim_rules for select to inst_{{id}}_admin using (true);
drop policy if exists admin_changes_in_person on scim_rules;
create policy admin_changes_in_person on scim_rules for update to inst_{{id}}_admin
  using (waymark.token_id() is null) with check (true);
drop policy if exists admin_reads on scim_group_rules;
create policy admin_reads on scim_group_rules for select to inst_{{id}}_admin using (true);
drop policy if exists admin_adds_in_person on scim_group_rules;
create policy admin_adds_in_person on scim_group_rules for insert to inst_{{id}}_admin
  with check (waymark.token_id() is null);
drop policy if exists admin_changes_in_person on scim_group_rules;
create policy admin_changes_in_person on scim_group_rules for update to inst_{{id}}_admin
  using (waymark.token_id() is null) with check (true);
drop policy if exists admin_removes_in_person on scim_group_rules;
create policy admin_removes_in_person on scim_group_rules for delete to inst_{{id}}_admin
  using (waymark.token_id() is null);
-- A file of people is its sender's alone, and not for whoever has a token: it waits for what a person decides.
drop policy if exists admin_keeps_own on uploads;
create policy admin_keeps_own on uploads to inst_{{id}}_admin
  using (account_id = waymark.account_id() and waymark.token_id() is null and expires_at > now())
  with check (account_id = waymark.account_id() and waymark.token_id() is null);
drop policy if exists admin_keeps_own on upload_pieces;
create policy admin_keeps_own on upload_pieces to inst_{{id}}_admin
  using (account_id = waymark.account_id() and waymark.token_id() is null)
  with check (account_id = waymark.account_id() and waymark.token_id() is null);
drop policy if exists admin_all_in_person on request_templates;
create policy admin_all_in_person on request_templates to inst_{{id}}_admin
  using (waymark.token_id() is null) with check (waymark.token_id() is null);
