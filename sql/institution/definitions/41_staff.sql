-- Director, manager and staff. Each policy compares one column with a list that `enter` has set; see sql/README.md.
-- The lists differ by role, so most policies serve all three roles; what only some may do names only those.

-- ---- the institution, its people and groups
grant select (id, name, student_visibility, cohort_delegation, time_zone, version) on settings
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff;
grant select (id, email, given_name, family_name, preferred_name, name, sort_name, role, status, student_number, version)
  on accounts to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff;
grant select, insert (account_id, account_role, title, office, phone, location, biography, hours, booking_url,
  email, published),
  update (title, office, phone, location, biography, hours, booking_url, email, published, version) on cards
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff;
grant select on departments, department_directors, groups, group_members
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff;
grant insert (name, description, department_id), update (name, description, department_id, archived_at,
  version), delete
  on groups to inst_{{id}}_director;
grant insert (group_id, account_id, account_role, manager), delete on group_members
  to inst_{{id}}_director, inst_{{id}}_manager;
-- One statement serves all who keep members; a manager's update meets no policy and so changes nothing.
grant update (manager) on group_members to inst_{{id}}_director, inst_{{id}}_manager;
grant select on group_people to inst_{{id}}_director, inst_{{id}}_manager;
grant select on setup, students, my_students, caseload, caseload_progress, caseload_extensions, contacts, reasons, waiting,
  waiting_extensions, sent_reminders, sharing, directory,
  memberships, support_network, assignments
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff;
grant select on file_usage, worked_milestones to inst_{{id}}_director, inst_{{id}}_manager;
grant execute on function setup_missing() to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff;

drop policy if exists staff_read on settings;
create policy staff_read on settings for select to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  using (true);
drop policy if exists staff_see_self on accounts;
create policy staff_see_self on accounts for select to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  using (id = waymark.account_id());
drop policy if exists staff_see_own_card on cards;
create policy staff_see_own_card on cards for select to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  using (account_id = waymark.account_id());
drop policy if exists staff_make_own_card on cards;
create policy staff_make_own_card on cards for insert to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  with check (account_id = waymark.account_id());
drop policy if exists staff_change_own_card on cards;
create policy staff_change_own_card on cards for update
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  using (account_id = waymark.account_id()) with check (account_id = waymark.account_id());
-- Of those who belong to a group one keeps, only the cards of plain staff: who takes an admin, a director or another
-- manager into a group does not get their cards with them.
drop policy if exists managers_see_cards_of_members on cards;
drop policy if exists managers_make_cards_of_members on cards;
drop policy if exists managers_change_cards_of_members on cards;
drop policy if exists managers_see_cards_of_staff on cards;
create policy managers_see_cards_of_staff on cards for select to inst_{{id}}_director, inst_{{id}}_manager
  using (account_role = 'staff' and account_id = any (waymark.member_ids()));
drop policy if exists managers_make_cards_of_staff on cards;
create policy managers_make_cards_of_staff on cards for insert to inst_{{id}}_director, inst_{{id}}_manager
  with check (account_role = 'staff' and account_id = any (waymark.member_ids()));
drop policy if exists managers_change_cards_of_staff on cards;
create policy managers_change_cards_of_staff on cards for update to inst_{{id}}_director, inst_{{id}}_manager
  using (account_role = 'staff' and account_id = any (waymark.member_ids()))
  with check (account_role = 'staff' and account_id = any (waymark.member_ids()));
-- Groups and who belongs to them are no secret among staff: the directory shows them.
drop policy if exists staff_see_departments on departments;
create policy staff_see_departments on departments for select
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  using (true);
drop policy if exists directors_see_own_directorships on department_directors;
create policy directors_see_own_directorships on department_directors for select
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  using (account_id = waymark.account_id());
drop policy if exists staff_see_groups on groups;
create policy staff_see_groups on groups for select to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  using (true);
drop policy if exists directors_add_groups on groups;
create policy directors_add_groups on groups for insert to inst_{{id}}_director
  with check (department_id = any (waymark.department_ids()));
drop policy if exists directors_change_groups on groups;
create policy directors_change_groups on groups for update to inst_{{id}}_director
  using (department_id = any (waymark.department_ids())) with check (department_id = any (waymark.department_ids()));
drop policy if exists directors_remove_groups on groups;
create policy directors_remove_groups on groups for delete to inst_{{id}}_director
  using (department_id = any (waymark.department_ids()));
drop policy if exists staff_see_members on group_members;
create policy staff_see_members on group_members for select
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  using (true);
-- Managers are named, and relieved, by the group's director (or an admin), not by each other.
drop policy if exists managers_add_members on group_members;
create policy managers_add_members on group_members for insert to inst_{{id}}_director, inst_{{id}}_manager
  with check (group_id = any (waymark.managed_group_ids())
    and (not manager or group_id = any (waymark.directed_group_ids())));
drop policy if exists managers_remove_members on group_members;
create policy managers_remove_members on group_members for delete to inst_{{id}}_director, inst_{{id}}_manager
  using (group_id = any (waymark.managed_group_ids())
    and (not manager or group_id = any (waymark.directed_group_ids())));
drop policy if exists directors_name_managers on group_members;
create policy directors_name_managers on group_members for update to inst_{{id}}_director
  using (group_id = any (waymark.directed_group_ids())) with check (group_id = any (waymark.directed_group_ids()));

-- ---- cohorts: seen in scope, edited where the institution delegates it (the list is null where it does not)
grant update (contact_id) on enrollments to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff;
grant select on cohort_categories, cohorts, cohort_groups, enrollments, milestones, milestone_files, file_chunks
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff;
grant insert (name), update (name, position, version), delete on cohort_categories
  to inst_{{id}}_director, inst_{{id}}_manager;
grant insert (category_id, name, goal, planned_milestones),
  update (category_id, name, goal, planned_milestones, archived_at, version), delete on cohorts
  to inst_{{id}}_director, inst_{{id}}_manager;
grant insert (cohort_id, group_id), delete on cohort_groups to inst_{{id}}_director, inst_{{id}}_manager;
grant insert (cohort_id, title, due_on, due_after_days, description, reminders, completion, saved),
  update (title, due_on, due_after_days, description, reminders, completion, saved, position, archived_at,
  changed_at, version),
  delete on milestones to inst_{{id}}_director, inst_{{id}}_manager;
grant insert (cohort_id, milestone_id, milestone_saved, name, content_type, size, checksum, complete),
  update (name, content_type, size, checksum, complete, version), delete on milestone_files
  to inst_{{id}}_director, inst_{{id}}_manager;
grant insert (file_id, n, cohort_id, milestone_saved, bytes), delete on file_chunks
  to inst_{{id}}_director, inst_{{id}}_manager;

drop policy if exists staff_see_categories on cohort_categories;
create policy staff_see_categories on cohort_categories for select
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  using (true);
drop policy if exists delegates_add_categories on cohort_categories;
create policy delegates_add_categories on cohort_categories for insert to inst_{{id}}_director, inst_{{id}}_manager
  with check (waymark.editable_cohort_ids() is not null);
drop policy if exists delegates_change_categories on cohort_categories;
create policy delegates_change_categories on cohort_categories for update to inst_{{id}}_director, inst_{{id}}_manager
  using (waymark.editable_cohort_ids() is not null) with check (waymark.editable_cohort_ids() is not null);
drop policy if exists delegates_remove_categories on cohort_categories;
create policy delegates_remove_categories on cohort_categories for delete to inst_{{id}}_director, inst_{{id}}_manager
  using (waymark.editable_cohort_ids() is not null);
drop policy if exists staff_see_cohorts on cohorts;
create policy staff_see_cohorts on cohorts for select to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  using (id = any (waymark.cohort_ids()));
-- `insert ... returning` needs the new row to be visible before any list can name it
drop policy if exists delegates_see_new_cohort on cohorts;
create policy delegates_see_new_cohort on cohorts for select to inst_{{id}}_director, inst_{{id}}_manager
  using (created_by = waymark.account_id() and created_at = now());
drop policy if exists delegates_add_cohorts on cohorts;
create policy delegates_add_cohorts on cohorts for insert to inst_{{id}}_director, inst_{{id}}_manager
  with check (waymark.editable_cohort_ids() is not null and created_by = waymark.account_id());
drop policy if exists delegates_change_cohorts on cohorts;
create policy delegates_change_cohorts on cohorts for update to inst_{{id}}_director, inst_{{id}}_manager
  using (id = any (waymark.editable_cohort_ids())) with check (id = any (waymark.editable_cohort_ids()));
drop policy if exists delegates_remove_cohorts on cohorts;
create policy delegates_remove_cohorts on cohorts for delete to inst_{{id}}_director, inst_{{id}}_manager
  using (id = any (waymark.editable_cohort_ids()));
drop policy if exists staff_see_links on cohort_groups;
create policy staff_see_links on cohort_groups for select
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  using (cohort_id = any (waymark.cohort_ids()));
drop policy if exists delegates_attach_groups on cohort_groups;
create policy delegates_attach_groups on cohort_groups for insert to inst_{{id}}_director, inst_{{id}}_manager
  with check (cohort_id = any (waymark.editable_cohort_ids()));
drop policy if exists delegates_detach_groups on cohort_groups;
create policy delegates_detach_groups on cohort_groups for delete to inst_{{id}}_director, inst_{{id}}_manager
  using (cohort_id = any (waymark.editable_cohort_ids()));
drop policy if exists staff_see_students on enrollments;
create policy staff_see_students on enrollments for select
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  using (cohort_id = any (waymark.cohort_ids()) and active);
drop policy if exists staff_name_contacts on enrollments;
create policy staff_name_contacts on enrollments for update
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  using (cohort_id = any (waymark.acting_cohort_ids()) and active)
  with check (cohort_id = any (waymark.acting_cohort_ids()) and active);
drop policy if exists staff_see_milestones on milestones;
create policy staff_see_milestones on milestones for select
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  using (cohort_id = any (waymark.cohort_ids()));
drop policy if exists delegates_add_milestones on milestones;
create policy delegates_add_milestones on milestones for insert to inst_{{id}}_director, inst_{{id}}_manager
  with check (cohort_id = any (waymark.editable_cohort_ids()));
drop policy if exists delegates_change_milestones on milestones;
create policy delegates_change_milestones on milestones for update to inst_{{id}}_director, inst_{{id}}_manager
  using (cohort_id = any (waymark.editable_cohort_ids()))
  with check (cohort_id = any (waymark.editable_cohort_ids()));
drop policy if exists delegates_remove_milestones on milestones;
create policy delegates_remove_milestones on milestones for delete to inst_{{id}}_director, inst_{{id}}_manager
  using (cohort_id = any (waymark.editable_cohort_ids()));
drop policy if exists staff_see_files on milestone_files;
create policy staff_see_files on milestone_files for select
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  using (cohort_id = any (waymark.cohort_ids()));
drop policy if exists delegates_add_files on milestone_files;
create policy delegates_add_files on milestone_files for insert to inst_{{id}}_director, inst_{{id}}_manager
  with check (cohort_id = any (waymark.editable_cohort_ids()));
drop policy if exists delegates_change_files on milestone_files;
create policy delegates_change_files on milestone_files for update to inst_{{id}}_director, inst_{{id}}_manager
  using (cohort_id = any (waymark.editable_cohort_ids()))
  with check (cohort_id = any (waymark.editable_cohort_ids()));
drop policy if exists delegates_remove_files on milestone_files;
create policy delegates_remove_files on milestone_files for delete to inst_{{id}}_director, inst_{{id}}_manager
  using (cohort_id = any (waymark.editable_cohort_ids()));
drop policy if exists staff_see_chunks on file_chunks;
create policy staff_see_chunks on file_chunks for select
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  using (cohort_id = any (waymark.cohort_ids()));
drop policy if exists delegates_add_chunks on file_chunks;
create policy delegates_add_chunks on file_chunks for insert to inst_{{id}}_director, inst_{{id}}_manager
  with check (cohort_id = any (waymark.editable_cohort_ids()));
drop policy if exists delegates_remove_chunks on file_chunks;
create policy delegates_remove_chunks on file_chunks for delete to inst_{{id}}_director, inst_{{id}}_manager
  using (cohort_id = any (waymark.editable_cohort_ids()));

-- ---- progress: seen in scope, changed where the caller is a member. Submitting is the student's.
grant select on progress, progress_events to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff;
grant insert (milestone_id, student_id, cohort_id, completion, status, comment, updated_at),
  update (status, comment, updated_at, version) on progress
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff;
grant insert (milestone_id, student_id, cohort_id, from_status, to_status, comment) on progress_events
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff;

drop policy if exists staff_see_progress on progress;
create policy staff_see_progress on progress for select
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  using (cohort_id = any (waymark.cohort_ids()) and enrolled);
drop policy if exists staff_start_progress on progress;
create policy staff_start_progress on progress for insert
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  with check (cohort_id = any (waymark.acting_cohort_ids()) and status in ('completed', 'waived'));
drop policy if exists staff_mark_progress on progress;
create policy staff_mark_progress on progress for update
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  using (cohort_id = any (waymark.acting_cohort_ids()) and enrolled)
  with check (cohort_id = any (waymark.acting_cohort_ids()) and status <> 'submitted');
drop policy if exists staff_see_events on progress_events;
create policy staff_see_events on progress_events for select
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  using (cohort_id = any (waymark.cohort_ids()) and enrolled);
drop policy if exists staff_add_events on progress_events;
create policy staff_add_events on progress_events for insert
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  with check (cohort_id = any (waymark.acting_cohort_ids()) and to_status <> 'submitted');

-- ---- extensions: seen in scope, answered and granted where the caller is a member. Asking is the student's.
grant select, insert (milestone_id, student_id, cohort_id, due_on, status, comment, updated_at),
  update (due_on, status, asked_for, comment, updated_at, version) on extensions
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff;
grant select, insert (milestone_id, student_id, cohort_id, status, due_on, comment) on extension_events
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff;

drop policy if exists staff_see_extensions on extensions;
create policy staff_see_extensions on extensions for select
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  using (cohort_id = any (waymark.cohort_ids()) and enrolled);
drop policy if exists staff_grant_extensions on extensions;
create policy staff_grant_extensions on extensions for insert
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  with check (cohort_id = any (waymark.acting_cohort_ids()) and status = 'granted');
drop policy if exists staff_answer_extensions on extensions;
create policy staff_answer_extensions on extensions for update
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  using (cohort_id = any (waymark.acting_cohort_ids()) and enrolled)
  with check (cohort_id = any (waymark.acting_cohort_ids()) and status in ('granted', 'declined', 'revoked'));
drop policy if exists staff_see_events on extension_events;
create policy staff_see_events on extension_events for select
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  using (cohort_id = any (waymark.cohort_ids()) and enrolled);
drop policy if exists staff_add_events on extension_events;
create policy staff_add_events on extension_events for insert
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  with check (cohort_id = any (waymark.acting_cohort_ids()) and status in ('granted', 'declined', 'revoked'));
-- ---- what students have sent: for those who answer
grant select on submission_files, submission_chunks to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff;
drop policy if exists members_see_submitted on submission_files;
create policy members_see_submitted on submission_files for select
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  using (cohort_id = any (waymark.acting_cohort_ids()) and enrolled);
drop policy if exists members_see_submitted on submission_chunks;
create policy members_see_submitted on submission_chunks for select
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff
  using (cohort_id = any (waymark.acting_cohort_ids()) and enrolled);

-- ---- the inbox
grant select on inbox to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff;
grant select on unanswered to inst_{{id}}_director, inst_{{id}}_manager;
