-- For reports (sql/reports): everything of the institution that is not archived, without secrets. They filter by
-- nobody, so only the reporter and admins read them.

create view report_progress with (security_barrier) as
  select x.category, x.cohort_id, x.cohort, x.student_id, x.student, x.email, x.student_number, x.milestone_id,
         x.milestone, x.due_on, x.status,
         waymark.is_overdue(x.due_on, x.today, x.status) as overdue,
         x.updated_at, waymark.day_of(x.updated_at, x.time_zone) as updated_on, x.shared_id
    from (select k.name as category, c.id as cohort_id, c.name as cohort, a.id as student_id, a.name as student,
                 a.email, a.student_number, m.id as milestone_id, m.title as milestone, m.shared_id,
                 waymark.due_on(m.due_on, m.due_after_days, waymark.day_of(e.joined_at, s.time_zone), t.due_on) as due_on,
                 coalesce(p.status, 'open') as status, p.updated_at, s.time_zone, waymark.day_of(now(), s.time_zone) as today
            from settings s
           cross join cohorts c
            join cohort_categories k on k.id = c.category_id
            join enrollments e on e.cohort_id = c.id and e.active
            join accounts a on a.id = e.student_id and a.status <> 'archived'
            join milestones m on m.cohort_id = c.id and m.saved
            left join progress p on p.milestone_id = m.id and p.student_id = a.id
            left join extensions t on t.milestone_id = m.id and t.student_id = a.id
           where c.archived_at is null) x;

create view report_support with (security_barrier) as
  select c.id as cohort_id, c.name as cohort, g.id as group_id, g.name as group_name, d.name as department,
         a.id as account_id, a.name, a.role, m.manager
    from cohort_groups l
    join cohorts c on c.id = l.cohort_id and c.archived_at is null
    join groups g on g.id = l.group_id and g.archived_at is null
    left join departments d on d.id = g.department_id
    left join group_members m on m.group_id = g.id
    left join accounts a on a.id = m.account_id and a.status = 'active';

-- What was taken back at once was no answer.
create view report_answers with (security_barrier) as
  select x.id, x.at, waymark.day_of(x.at, (select s.time_zone from settings s limit 1)) as day, x.actor_id, x.cohort_id, x.milestone_id, x.student_id, x.from_status, x.to_status
    from (select v.id, v.at, v.actor_id, v.cohort_id, v.milestone_id, v.student_id, v.from_status, v.to_status, v.undo,
                 lead(v.undo, 1, false) over (partition by v.milestone_id, v.student_id order by v.id) as undone
            from progress_events v) x
   where not x.undo and not x.undone;
