-- More for reports: who and what there is and was, and what was done. Archived and left ones count here, because what happened
-- stays so; a column says what is over. As in 21: no secrets, nothing that people have written to each other, and nobody but the
-- reporter and admins reads them.

create view report_students with (security_barrier) as
  select a.id as student_id, a.name as student, a.given_name, a.family_name, a.preferred_name, a.email, a.student_number, a.status,
         a.status = 'archived' as archived, a.erased_at is not null as erased,
         waymark.day_of(a.created_at, s.time_zone) as created_on, waymark.day_of(a.archived_at, s.time_zone) as archived_on
    from accounts a cross join settings s
   where a.role = 'student';

comment on view report_students is 'One row for each student''s account, archived ones too.';
comment on column report_students.student_id is 'The student''s account.';
comment on column report_students.student is 'What the student is called; Erased student where nothing is kept that says who it was.';
comment on column report_students.given_name is 'The given name.';
comment on column report_students.family_name is 'The family name; empty for who has one name only.';
comment on column report_students.preferred_name is 'What the student wants to be called by instead of the given name; null where that is the same.';
comment on column report_students.email is 'The student''s e-mail address.';
comment on column report_students.student_number is 'The institution''s own number of the student; null where it has none.';
comment on column report_students.status is 'active, suspended (may not come in) or archived.';
comment on column report_students.archived is 'Whether the account is archived. The other views leave archived students out, but those of history.';
comment on column report_students.erased is 'Whether name, address and number were erased.';
comment on column report_students.created_on is 'The day the account was made, in the institution''s zone.';
comment on column report_students.archived_on is 'The day it was archived, in the institution''s zone; null where it is not, or nobody noted it.';

create view report_cohorts with (security_barrier) as
  select c.id as cohort_id, c.name as cohort, c.category_id, k.name as category, c.goal, c.planned_milestones,
         (select count(*)::int from milestones m where m.cohort_id = c.id and m.archived_at is null) as milestones,
         (select count(*)::int from enrollments e join accounts a on a.id = e.student_id and a.status <> 'archived'
           where e.cohort_id = c.id and e.active) as students,
         (select count(*)::int from cohort_groups l join groups g on g.id = l.group_id and g.archived_at is null
           where l.cohort_id = c.id) as groups,
         c.archived_at is not null as archived, c.id = s.sample_cohort_id is true as sample,
         waymark.day_of(c.created_at, s.time_zone) as created_on, waymark.day_of(c.archived_at, s.time_zone) as archived_on
    from cohorts c
    join cohort_categories k on k.id = c.category_id
   cross join settings s;

comment on view report_cohorts is 'One row for each cohort, archived ones and those without students or milestones too.';
comment on column report_cohorts.cohort_id is 'The cohort.';
comment on column report_cohorts.cohort is 'Its name.';
comment on column report_cohorts.category_id is 'The cohort''s category.';
comment on column report_cohorts.category is 'The category''s name.';
comment on column report_cohorts.goal is 'What the cohort is for; null where nobody has said.';
comment on column report_cohorts.planned_milestones is 'How many milestones it is to have; null where nobody has said.';
comment on column report_cohorts.milestones is 'How many milestones it has, drafts too; retired ones do not count.';
comment on column report_cohorts.students is 'How many students are in it now; archived ones do not count.';
comment on column report_cohorts.groups is 'How many support groups are attached to it; archived ones do not count.';
comment on column report_cohorts.archived is 'Whether it is archived.';
comment on column report_cohorts.sample is 'Whether it is the sample that shows how a cohort looks.';
comment on column report_cohorts.created_on is 'The day it was made, in the institution''s zone.';
comment on column report_cohorts.archived_on is 'The day it was archived, in the institution''s zone; null where it is not.';

-- A request is a step that submits; its answer is the next step. What was taken back at once is neither (report_answers).
create view report_requests with (security_barrier) as
  select v.id, k.name as category, v.cohort_id, c.name as cohort, v.student_id, a.name as student, v.milestone_id,
         m.title as milestone, m.shared_id, v.at as asked_at, v.day as asked_on, v.next_at as answered_at, v.next_day as answered_on,
         case v.next_status when 'open' then 'withdrawn' else v.next_status end as answer, v.next_actor as answered_by,
         v.next_status is null and p.status = 'submitted' and p.enrolled and m.saved and c.archived_at is null
           and a.status <> 'archived' as waiting
    from (select x.id, x.at, x.day, x.cohort_id, x.milestone_id, x.student_id, x.to_status,
                 lead(x.at) over steps as next_at, lead(x.day) over steps as next_day,
                 lead(x.to_status) over steps as next_status, lead(x.actor_id) over steps as next_actor
            from report_answers x
          window steps as (partition by x.milestone_id, x.student_id order by x.id)) v
    join progress p on p.milestone_id = v.milestone_id and p.student_id = v.student_id
    join milestones m on m.id = v.milestone_id
    join cohorts c on c.id = v.cohort_id
    join cohort_categories k on k.id = c.category_id
    join accounts a on a.id = v.student_id
   where v.to_status = 'submitted';

comment on view report_requests is 'One row for each time that a student asked for an answer on a milestone, whatever has become of it; one that was taken back at once is left out.';
comment on column report_requests.id is 'The step that asked, as in report_answers; later ones have higher numbers.';
comment on column report_requests.category is 'The cohort''s category.';
comment on column report_requests.cohort_id is 'The cohort, perhaps archived.';
comment on column report_requests.cohort is 'Its name.';
comment on column report_requests.student_id is 'The student''s account, perhaps archived.';
comment on column report_requests.student is 'What the student is called.';
comment on column report_requests.milestone_id is 'The milestone, perhaps retired.';
comment on column report_requests.milestone is 'Its title.';
comment on column report_requests.shared_id is 'The same for the milestones of several cohorts that are one: what a student asks there stands in each of the student''s cohorts; null where it stands in one.';
comment on column report_requests.asked_at is 'When the student asked.';
comment on column report_requests.asked_on is 'The day of it, in the institution''s zone.';
comment on column report_requests.answered_at is 'When it was answered or withdrawn; null where it was not.';
comment on column report_requests.answered_on is 'The day of it, in the institution''s zone.';
comment on column report_requests.answer is 'completed, returned, waived, or withdrawn (by the student); null where there is none.';
comment on column report_requests.answered_by is 'Who answered: the account; null where nobody did, or the account is gone.';
comment on column report_requests.waiting is 'Whether it waits for an answer now. Without answer and not waiting is what a student left behind, or what was archived or retired.';

create view report_extensions with (security_barrier) as
  select k.name as category, x.cohort_id, c.name as cohort, x.student_id, a.name as student, x.milestone_id, m.title as milestone,
         m.shared_id, waymark.due_on(m.due_on, m.due_after_days, waymark.day_of(e.joined_at, s.time_zone)) as regular_due_on,
         x.due_on as granted_on, x.asked_for, x.status, v.steps, v.asked_at, waymark.day_of(v.asked_at, s.time_zone) as asked_on,
         x.updated_at, waymark.day_of(x.updated_at, s.time_zone) as updated_on,
         x.status = 'asked' and x.enrolled and m.saved and c.archived_at is null and a.status <> 'archived'
           and coalesce(p.status, 'open') in ('open', 'returned') as waiting
    from extensions x
    join milestones m on m.id = x.milestone_id
    join cohorts c on c.id = x.cohort_id
    join cohort_categories k on k.id = c.category_id
    join accounts a on a.id = x.student_id
    join enrollments e on e.cohort_id = x.cohort_id and e.student_id = x.student_id
    left join progress p on p.milestone_id = x.milestone_id and p.student_id = x.student_id
    left join lateral (
      select count(*)::int as steps, max(o.at) filter (where o.status = 'asked') as asked_at
        from extension_events o where o.milestone_id = x.milestone_id and o.student_id = x.student_id) v on true
   cross join settings s;

comment on view report_extensions is 'One row for each student and milestone for which a later date was ever asked or granted, with its last step.';
comment on column report_extensions.category is 'The cohort''s category.';
comment on column report_extensions.cohort_id is 'The cohort, perhaps archived.';
comment on column report_extensions.cohort is 'Its name.';
comment on column report_extensions.student_id is 'The student''s account, perhaps archived.';
comment on column report_extensions.student is 'What the student is called.';
comment on column report_extensions.milestone_id is 'The milestone, perhaps retired.';
comment on column report_extensions.milestone is 'Its title.';
comment on column report_extensions.shared_id is 'The same for the milestones of several cohorts that are one; null where it stands in one.';
comment on column report_extensions.regular_due_on is 'The day it is due without the extension, in the institution''s zone; null where it has none.';
comment on column report_extensions.granted_on is 'The later day that was granted and holds; null where none does.';
comment on column report_extensions.asked_for is 'The day that the student asks for; null where no request is open.';
comment on column report_extensions.status is 'The last step: asked, withdrawn, granted, declined or revoked.';
comment on column report_extensions.steps is 'How many steps were taken.';
comment on column report_extensions.asked_at is 'When the student last asked; null where staff granted it unasked.';
comment on column report_extensions.asked_on is 'The day of it, in the institution''s zone.';
comment on column report_extensions.updated_at is 'When the last step was taken.';
comment on column report_extensions.updated_on is 'The day of it, in the institution''s zone.';
comment on column report_extensions.waiting is 'Whether it waits for an answer now.';

-- The roster and the folder note in the audit too what they took in, as nobody: those imports have their rows already. Every role
-- may write to the audit, so a number in it is one only if it looks like one.
create view report_imports with (security_barrier) as
  select x.kind, x.id, x.at, waymark.day_of(x.at, s.time_zone) as day, x.ended_at, x.account_id, x.state, x.added, x.updated,
         x.unchanged, x.failed, x.suspended
    from (select 'roster' as kind, r.id::bigint as id, coalesce(r.started_at, r.asked_at) as at, r.ended_at, r.account_id, r.state,
                 r.added, r.updated, r.unchanged, r.failed, r.suspended
            from roster_runs r
          union all
          select 'folder', f.id, f.started_at, f.ended_at, f.account_id, f.state, f.added, f.updated, f.unchanged, f.failed,
                 f.suspended
            from folder_files f
          union all
          select split_part(v.action, '.', 2), v.id, v.at, v.at, v.actor_id, 'done', n.figures[1], n.figures[2], n.figures[3],
                 n.figures[4], n.figures[5]
            from audit v
           cross join lateral (
             select array_agg(case when v.after ->> f.name ~ '^[0-9]{1,9}$' then (v.after ->> f.name)::int end order by f.n) as figures
               from unnest(array['added', 'updated', 'unchanged', 'failed', 'suspended']) with ordinality f (name, n)) n
           where v.action like 'import.%' and v.actor_id is not null) x
   cross join settings s;

comment on view report_imports is 'One row for each time that people were taken in from a file or another system. A file that somebody sent and that changed nobody leaves no row.';
comment on column report_imports.kind is 'roster (fetched from the roster''s server), folder (a file put into the watched folder), or what somebody sent: students, staff or oneroster.';
comment on column report_imports.id is 'Its number among those of its origin: of the roster''s fetches, of the folder''s files, or of the audit''s rows.';
comment on column report_imports.at is 'When it began; of a fetch that has yet to begin, when it was asked for.';
comment on column report_imports.day is 'The day of it, in the institution''s zone.';
comment on column report_imports.ended_at is 'When it ended; null while it goes on or waits.';
comment on column report_imports.account_id is 'Who sent it, asked for it, or said yes or no to it; null where it went by the hour.';
comment on column report_imports.state is 'done, failed or refused; waiting or running where it has not ended.';
comment on column report_imports.added is 'How many rows were new: accounts, in a roster also departments, cohorts and places in them.';
comment on column report_imports.updated is 'How many rows changed something.';
comment on column report_imports.unchanged is 'How many rows said what was known.';
comment on column report_imports.failed is 'How many rows could not be taken in.';
comment on column report_imports.suspended is 'How many accounts were suspended because they were missing; null where files of its kind suspend nobody.';

-- Without `before` and `after`: they hold what people wrote, and who students were.
create view report_audit with (security_barrier) as
  select v.id, v.at, waymark.day_of(v.at, s.time_zone) as day, v.actor_id, a.name as actor,
         regexp_replace(v.actor_role, '^.*_', '') as actor_role, v.token_id, v.action, v.subject
    from audit v
    left join accounts a on a.id = v.actor_id
   cross join settings s;

comment on view report_audit is 'One row for each thing that somebody did, for as long as the institution keeps the audit.';
comment on column report_audit.id is 'Its number; later ones are higher.';
comment on column report_audit.at is 'When it was done.';
comment on column report_audit.day is 'The day of it, in the institution''s zone.';
comment on column report_audit.actor_id is 'Who did it: the account; null for the operator, background work and who was not signed in.';
comment on column report_audit.actor is 'What that account is called; null where there is none, or it is gone.';
comment on column report_audit.actor_role is 'In which role: admin, director, manager, staff, student, gate (not signed in), system (background work) or owner (the operator).';
comment on column report_audit.token_id is 'The API token it was done with; null where it was done in person.';
comment on column report_audit.action is 'What was done: cohort.update.';
comment on column report_audit.subject is 'To what: its kind and number, cohort/12.';
