-- Student: own rows of the cohorts the caller is in now. cohort_ids() is empty while Case Management is not
-- visible, so the database itself keeps that switch; student_id alone would go on showing a cohort the student has
-- left.

grant select (id, name, student_visibility, cohort_delegation, time_zone, version) on settings to inst_{{id}}_student;
grant select (id, email, given_name, family_name, preferred_name, name, sort_name, role, status, student_number, version)
  on accounts to inst_{{id}}_student;
grant select (cohort_id, student_id, joined_at, active) on enrollments to inst_{{id}}_student;
grant select (id, name, goal, archived_at, version) on cohorts to inst_{{id}}_student;
grant select (id, cohort_id, title, due_on, due_after_days, description, completion, saved, version, shared_id)
  on milestones to inst_{{id}}_student;
grant select on milestone_files, file_chunks, progress, progress_events to inst_{{id}}_student;
grant insert (milestone_id, student_id, cohort_id, completion, status, comment, updated_at),
  update (status, comment, updated_at, version) on progress to inst_{{id}}_student;
grant insert (milestone_id, student_id, cohort_id, from_status, to_status, comment) on progress_events
  to inst_{{id}}_student;
-- The day that is granted is no column of theirs.
grant select, insert (milestone_id, student_id, cohort_id, status, asked_for, comment, updated_at),
  update (status, asked_for, comment, updated_at, version) on extensions to inst_{{id}}_student;
grant select, insert (milestone_id, student_id, cohort_id, status, due_on, comment) on extension_events
  to inst_{{id}}_student;
grant select on my_cohorts, students, reasons, my_progress, my_assignments, assignments, directory, memberships,
  support_network, my_support_network to inst_{{id}}_student;

drop policy if exists students_read on settings;
create policy students_read on settings for select to inst_{{id}}_student using (true);
drop policy if exists students_see_self on accounts;
create policy students_see_self on accounts for select to inst_{{id}}_student using (id = waymark.account_id());
drop policy if exists students_see_own_enrollments on enrollments;
create policy students_see_own_enrollments on enrollments for select to inst_{{id}}_student
  using (student_id = waymark.account_id() and cohort_id = any (waymark.cohort_ids()) and active);
drop policy if exists students_see_cohorts on cohorts;
create policy students_see_cohorts on cohorts for select to inst_{{id}}_student
  using (id = any (waymark.cohort_ids()));
drop policy if exists students_see_milestones on milestones;
create policy students_see_milestones on milestones for select to inst_{{id}}_student
  using (cohort_id = any (waymark.cohort_ids()) and saved);
drop policy if exists students_see_files on milestone_files;
create policy students_see_files on milestone_files for select to inst_{{id}}_student
  using (cohort_id = any (waymark.cohort_ids()) and milestone_saved and complete);
drop policy if exists students_see_chunks on file_chunks;
create policy students_see_chunks on file_chunks for select to inst_{{id}}_student
  using (cohort_id = any (waymark.cohort_ids()) and milestone_saved);
drop policy if exists students_see_own_progress on progress;
create policy students_see_own_progress on progress for select to inst_{{id}}_student
  using (student_id = waymark.account_id() and cohort_id = any (waymark.cohort_ids()));
drop policy if exists students_submit on progress;
create policy students_submit on progress for insert to inst_{{id}}_student
  with check (student_id = waymark.account_id() and cohort_id = any (waymark.cohort_ids())
    and (status = 'submitted' or status = 'completed' and completion = 'student'));
-- The step from the old state to the new stands in the statement's WHERE: WITH CHECK cannot see the old row.
drop policy if exists students_move_own_progress on progress;
create policy students_move_own_progress on progress for update to inst_{{id}}_student
  using (student_id = waymark.account_id() and cohort_id = any (waymark.cohort_ids())
    and status in ('open', 'submitted', 'returned'))
  with check (student_id = waymark.account_id() and cohort_id = any (waymark.cohort_ids())
    and (status = 'open' or status = 'submitted' or status = 'completed' and completion = 'student'));
drop policy if exists students_see_own_events on progress_events;
create policy students_see_own_events on progress_events for select to inst_{{id}}_student
  using (student_id = waymark.account_id() and cohort_id = any (waymark.cohort_ids()));
drop policy if exists students_add_own_events on progress_events;
create policy students_add_own_events on progress_events for insert to inst_{{id}}_student
  with check (student_id = waymark.account_id() and cohort_id = any (waymark.cohort_ids())
    and to_status in ('open', 'submitted', 'completed'));
drop policy if exists students_see_own_extensions on extensions;
create policy students_see_own_extensions on extensions for select to inst_{{id}}_student
  using (student_id = waymark.account_id() and cohort_id = any (waymark.cohort_ids()));
drop policy if exists students_ask on extensions;
create policy students_ask on extensions for insert to inst_{{id}}_student
  with check (student_id = waymark.account_id() and cohort_id = any (waymark.cohort_ids()) and status = 'asked');
drop policy if exists students_ask_again on extensions;
create policy students_ask_again on extensions for update to inst_{{id}}_student
  using (student_id = waymark.account_id() and cohort_id = any (waymark.cohort_ids()))
  with check (student_id = waymark.account_id() and cohort_id = any (waymark.cohort_ids())
    and status in ('asked', 'withdrawn'));
drop policy if exists students_see_own_events on extension_events;
create policy students_see_own_events on extension_events for select to inst_{{id}}_student
  using (student_id = waymark.account_id() and cohort_id = any (waymark.cohort_ids()));
drop policy if exists students_add_own_events on extension_events;
create policy students_add_own_events on extension_events for insert to inst_{{id}}_student
  with check (student_id = waymark.account_id() and cohort_id = any (waymark.cohort_ids())
    and status in ('asked', 'withdrawn'));
-- Own files, which come and go with a submission. That nothing is taken away from what has been sent stands in the statement,
-- beside the step.
grant select, insert (cohort_id, milestone_id, milestone_saved, student_id, name, content_type),
  update (content_type, size, checksum, event_id), delete on submission_files to inst_{{id}}_student;
grant select, insert (file_id, n, cohort_id, student_id, bytes) on submission_chunks to inst_{{id}}_student;
drop policy if exists students_keep_own_files on submission_files;
create policy students_keep_own_files on submission_files to inst_{{id}}_student
  using (student_id = waymark.account_id() and cohort_id = any (waymark.cohort_ids()))
  with check (student_id = waymark.account_id() and cohort_id = any (waymark.cohort_ids()));
drop policy if exists students_keep_own_files on submission_chunks;
create policy students_keep_own_files on submission_chunks to inst_{{id}}_student
  using (student_id = waymark.account_id() and cohort_id = any (waymark.cohort_ids()))
  with check (student_id = waymark.account_id() and cohort_id = any (waymark.cohort_ids()));
grant select on inbox to inst_{{id}}_student;
