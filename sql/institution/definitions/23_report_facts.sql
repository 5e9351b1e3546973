-- More for reports, one row for each fact, and what every column of the report views means. As in 21: nothing archived, no
-- secrets, and nobody but the reporter and admins reads them.

create view report_enrollments with (security_barrier) as
  select x.category, x.cohort_id, x.cohort, x.student_id, x.student, x.email, x.student_number, x.joined_on, x.left_on
    from (select k.name as category, c.id as cohort_id, c.name as cohort, a.id as student_id, a.name as student,
                 a.email, a.student_number, waymark.day_of(e.joined_at, s.time_zone) as joined_on,
                 waymark.day_of(e.left_at, s.time_zone) as left_on
            from settings s
           cross join cohorts c
            join cohort_categories k on k.id = c.category_id
            join enrollments e on e.cohort_id = c.id
            join accounts a on a.id = e.student_id and a.status <> 'archived'
           where c.archived_at is null) x;

create view report_sign_ins with (security_barrier) as
  select a.id as account_id, a.name, a.email, a.role, g.at as signed_in_at
    from accounts a left join sign_ins g on g.account_id = a.id
   where a.status <> 'archived';

create view report_mails with (security_barrier) as
  select m.id, m.kind, coalesce(m.day, waymark.day_of(m.since_at, s.time_zone)) as day, m.account_id, m.state, m.attempts,
         m.settled_at
    from mails m cross join settings s;

comment on view report_progress is 'One row for each saved milestone of each student of a cohort in use, whatever has happened.';
comment on column report_progress.category is 'The cohort''s category.';
comment on column report_progress.cohort_id is 'The cohort.';
comment on column report_progress.cohort is 'Its name.';
comment on column report_progress.student_id is 'The student''s account.';
comment on column report_progress.student is 'What the student is called.';
comment on column report_progress.email is 'The student''s e-mail address.';
comment on column report_progress.student_number is 'The institution''s own number of the student.';
comment on column report_progress.milestone_id is 'The milestone.';
comment on column report_progress.milestone is 'Its title.';
comment on column report_progress.due_on is 'The day it is due for this student, in the institution''s zone; null where it has none.';
comment on column report_progress.status is 'open, submitted, returned, completed or waived.';
comment on column report_progress.overdue is 'Whether the day has passed and it still waits for the student.';
comment on column report_progress.updated_at is 'When the last step was taken; null where none was.';

comment on column report_progress.updated_on is 'The day of that step, in the institution''s zone.';
comment on column report_progress.shared_id is 'The same for the milestones of several cohorts that are one, so that what is done in one is done in all; null where it stands in one.';

comment on view report_support is 'One row for each member of each group that is attached to a cohort in use; a group without members has one row.';
comment on column report_support.cohort_id is 'The cohort.';
comment on column report_support.cohort is 'Its name.';
comment on column report_support.group_id is 'The support group.';
comment on column report_support.group_name is 'Its name.';
comment on column report_support.department is 'The group''s department; null where it has none.';
comment on column report_support.account_id is 'The member''s account; null where the group has no members.';
comment on column report_support.name is 'What the member is called.';
comment on column report_support.role is 'admin, director, manager or staff.';
comment on column report_support.manager is 'Whether the member manages the group.';

comment on view report_answers is 'One row for each step on a milestone that was not taken back at once: the history of progress.';
comment on column report_answers.id is 'The step; later ones have higher numbers.';
comment on column report_answers.at is 'When it was taken.';
comment on column report_answers.day is 'The day of it, in the institution''s zone.';
comment on column report_answers.actor_id is 'Who took it: the student or somebody who works here; null where the account is gone.';
comment on column report_answers.cohort_id is 'The cohort.';
comment on column report_answers.milestone_id is 'The milestone.';
comment on column report_answers.student_id is 'Whose progress it is.';
comment on column report_answers.from_status is 'The status before.';
comment on column report_answers.to_status is 'The status after.';

comment on view report_enrollments is 'One row for each student who is or was in a cohort in use; who comes back has one row, of the last time.';
comment on column report_enrollments.category is 'The cohort''s category.';
comment on column report_enrollments.cohort_id is 'The cohort.';
comment on column report_enrollments.cohort is 'Its name.';
comment on column report_enrollments.student_id is 'The student''s account.';
comment on column report_enrollments.student is 'What the student is called.';
comment on column report_enrollments.email is 'The student''s e-mail address.';
comment on column report_enrollments.student_number is 'The institution''s own number of the student.';
comment on column report_enrollments.joined_on is 'The day of joining, in the institution''s zone.';
comment on column report_enrollments.left_on is 'The day of leaving; null for who is in the cohort.';

comment on view report_sign_ins is 'One row for each account that is not archived.';
comment on column report_sign_ins.account_id is 'The account.';
comment on column report_sign_ins.name is 'What the person is called.';
comment on column report_sign_ins.email is 'The e-mail address.';
comment on column report_sign_ins.role is 'admin, director, manager, staff or student.';
comment on column report_sign_ins.signed_in_at is 'When the person last signed in; null for never.';

comment on view report_mails is 'One row for each mail that was planned, for as long as the institution keeps them.';
comment on column report_mails.id is 'The mail.';
comment on column report_mails.kind is 'What it is: reminder (of what is due), request (what waits for an answer), invitation, reset (a link for another password), password (it was changed), codes-on, codes-off (the authenticator app), or report (mailed each week).';
comment on column report_mails.day is 'The day it is of, in the institution''s zone.';
comment on column report_mails.account_id is 'To whom.';
comment on column report_mails.state is 'waiting, sending, sent, dropped (nothing of it held any more) or failed.';
comment on column report_mails.attempts is 'How often it was tried.';
comment on column report_mails.settled_at is 'When it was sent, dropped or given up; null while it is on its way.';
