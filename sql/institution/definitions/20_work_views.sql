-- What the background work sees: views of the owner, with barriers, as in 20_views.sql.

-- The reminders of students who have yet to do something and want them, each on its day: so many days
-- before the due date, but not before the student joined. Whoever asks says which days, and nothing is planned ahead. Of a
-- milestone that a student has several times, only the one that is due first reminds.
create view due_reminders with (security_barrier) as
  select a.id as student_id, x.day, d.due_on, m.id as milestone_id, m.title, c.name as cohort
    from settings s
   cross join milestones m
    join cohorts c on c.id = m.cohort_id and c.archived_at is null
    join enrollments e on e.cohort_id = c.id and e.active
    join accounts a on a.id = e.student_id and a.status = 'active'
    left join mail_preferences f on f.account_id = a.id
    left join extensions t on t.milestone_id = m.id and t.student_id = a.id
   cross join lateral (
     select waymark.due_on(m.due_on, m.due_after_days, waymark.day_of(e.joined_at, s.time_zone), t.due_on)) d (due_on)
   cross join lateral (select d.due_on - r.days_before from unnest(m.reminders) r (days_before)) x (day)
    left join progress p on p.milestone_id = m.id and p.student_id = a.id
   where s.id = 1 and s.student_visibility and not s.suspended and m.saved and coalesce(f.reminders, true)
     and coalesce(p.status, 'open') in ('open', 'returned')
     and x.day >= waymark.day_of(e.joined_at, s.time_zone)
     and not exists (
       select from milestones o
         join cohorts k on k.id = o.cohort_id and k.archived_at is null
         join enrollments n on n.cohort_id = k.id and n.student_id = a.id and n.active
         left join extensions g on g.milestone_id = o.id and g.student_id = a.id
        where o.shared_id = m.shared_id and o.id <> m.id and o.saved
          and (waymark.due_on(o.due_on, o.due_after_days, waymark.day_of(n.joined_at, s.time_zone), g.due_on), o.id)
            < (d.due_on, m.id));

-- What waits for an answer, for each who wants mail of it and may answer: the members of the cohort's groups;
-- of a milestone that a student has several times once. Name the accounts by an array.
create view due_requests with (security_barrier) as
  select x.account_id, x.kind, x.at, x.milestone_id, x.student_id, x.student, x.title, x.cohort
    from (select distinct on (k.account_id, p.kind, p.student_id, coalesce(m.shared_id, -m.id))
                     k.account_id, p.kind, p.at, p.milestone_id, p.student_id, a.name as student, m.title, c.name as cohort
            from settings s
           cross join mail_preferences f
            join accounts r on r.id = f.account_id and r.status = 'active'
            join (select distinct b.account_id, l.cohort_id
                    from group_members b
                    join groups g on g.id = b.group_id and g.archived_at is null
                    join cohort_groups l on l.group_id = g.id) k on k.account_id = f.account_id
            join cohorts c on c.id = k.cohort_id and c.archived_at is null
            join (select 'request' as kind, cohort_id, milestone_id, student_id, updated_at as at
                    from progress where status = 'submitted' and enrolled
                  union all
                  select 'extension-request', x.cohort_id, x.milestone_id, x.student_id, x.updated_at
                    from extensions x
                   where x.status = 'asked' and x.enrolled
                     and not exists (select from progress p
                                      where p.milestone_id = x.milestone_id and p.student_id = x.student_id
                                        and p.status in ('submitted', 'completed', 'waived'))) p on p.cohort_id = c.id
            join milestones m on m.id = p.milestone_id and m.saved
            join accounts a on a.id = p.student_id and a.status <> 'archived'
           where s.id = 1 and s.student_visibility and not s.suspended and f.requests
           order by k.account_id, p.kind, p.student_id, coalesce(m.shared_id, -m.id), m.id) x;

-- To whom a mail goes, in the language that the person has chosen, else the institution.
create view mail_recipients with (security_barrier) as
  select a.id, a.email, a.name, a.role, a.status, coalesce(f.language, s.language) as language, f.token
    from accounts a cross join settings s left join mail_preferences f on f.account_id = a.id
   where a.erased_at is null;

-- Who gets a link for another password by asking for it: whoever has a password, or was invited to choose one.
-- Nobody else, for where people come in by another way an address alone must open no second one.
create view reset_recipients with (security_barrier) as
  select a.id, lower(a.email) as address
    from accounts a
   where a.status = 'active'
     and (a.password_hash is not null or exists (select from invitations i where i.account_id = a.id))
     and (a.role <> 'student' or not exists (select from identity_providers p where p.enabled and not p.student_passwords));
