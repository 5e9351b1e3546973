-- Definitions are one current text each and re-applied whole, in the order of their names, in one transaction. This
-- file takes away the views that the others make, as `../revoke.sql` does the rights, so that a view exists only if a
-- later file says so. (Policies are dropped one by one before they are made anew; for one that goes for good the line
-- `drop policy if exists` stays.)
set local client_min_messages = warning;

drop view if exists inbox, unanswered, report_audit, report_imports, report_extensions, report_requests, report_cohorts, report_students,
  report_enrollments, report_sign_ins, report_mails, report_answers, report_support, report_progress,
  due_reminders, due_requests, mail_recipients, reset_recipients, invitation_states, file_usage, worked_milestones, sent_reminders, sharing, setup, counted_cohorts, my_progress, my_assignments,
  waiting, waiting_extensions, assignments, my_support_network, support_network, group_people, memberships, directory,
  reasons, caseload, caseload_progress, caseload_extensions, contacts, students, my_students, my_cohorts;

grant usage on schema {{schema}} to {{app}},
  inst_{{id}}_admin, inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff, inst_{{id}}_student,
  inst_{{id}}_gate, inst_{{id}}_system, inst_{{id}}_reporter;
