-- Everybody's inbox, derived of what is there, so that nothing is lost or told twice when groups change.

-- Requests of cohorts in which nobody is left to answer but admins. To admins all; to directors and managers those of cohorts
-- in scope, and of cohorts without any group, which are in nobody's scope and are therefore told by name and number alone.
create view unanswered with (security_barrier) as
  select c.id as cohort_id, c.name as cohort, x.requests, x.last_at, x.in_scope
    from (select p.cohort_id, count(*)::int as requests, max(p.updated_at) as last_at,
                 waymark.is_admin() or coalesce(p.cohort_id = any (waymark.cohort_ids()), false) as in_scope
            from progress p
            join milestones m on m.id = p.milestone_id and m.saved
           where p.status = 'submitted' and p.enrolled and waymark.account_role() in ('admin', 'director', 'manager')
             and not exists (select from accounts a where a.id = p.student_id and a.status = 'archived')
             and not exists (select from cohort_groups l
                               join groups g on g.id = l.group_id and g.archived_at is null
                               join group_members b on b.group_id = g.id
                               join accounts a on a.id = b.account_id and a.status = 'active'
                              where l.cohort_id = p.cohort_id)
           group by p.cohort_id) x
    join cohorts c on c.id = x.cohort_id and c.archived_at is null
   where x.in_scope
      or not exists (select from cohort_groups l join groups g on g.id = l.group_id and g.archived_at is null
                      where l.cohort_id = x.cohort_id);

-- What the caller is to know, of the last 90 days, and what waits however long. `entry` names one thing: a request that is sent
-- again is another. Times are to the millisecond, as programs are told them. Whether a number in the audit is one is checked
-- before it is read, for every role may write there. What is told of a milestone that stands in several cohorts is told once.
-- kind: request, extension-request, unanswered, mail (staff); answer, extension (students); support (everybody). Whoever adds a kind adds a branch.
create view inbox with (security_barrier) as
  select x.kind, x.entry, date_trunc('milliseconds', x.at) as at, x.cohort_id, x.cohort, x.milestone_id, x.title, x.student_id,
         x.group_name, x.word, x.comment, x.actor_id, x.number,
         date_trunc('milliseconds', x.at) > coalesce(
             (select r.at from inbox_reads r where r.account_id = waymark.account_id() and r.entry = ''), '-infinity')
           and not exists (select from inbox_reads r where r.account_id = waymark.account_id() and r.entry = x.entry)
           as unread
    from (select 'request' as kind, 'request/' || milestone_id || '/' || student_id || '/' || version as entry, updated_at as at,
                 cohort_id, cohort, milestone_id, title, student_id, null::text as group_name, null::text as word, comment,
                 student_id as actor_id, 1 as number
            from (select distinct on (student_id, coalesce(shared_id, -milestone_id)) cohort_id, cohort, milestone_id, title,
                         student_id, comment, updated_at, version
                    from waiting order by student_id, coalesce(shared_id, -milestone_id), milestone_id) w
          union all
          select 'extension-request', 'extension-request/' || milestone_id || '/' || student_id || '/' || version, updated_at,
                 cohort_id, cohort, milestone_id, title, student_id, null, null, comment, student_id, 1
            from (select distinct on (student_id, coalesce(shared_id, -milestone_id)) cohort_id, cohort, milestone_id, title,
                         student_id, comment, updated_at, version
                    from waiting_extensions order by student_id, coalesce(shared_id, -milestone_id), milestone_id) w
          union all
          select 'extension', 'extension/' || v.id, v.at, v.cohort_id, c.name, v.milestone_id, m.title, v.student_id, null,
                 v.status, v.comment, v.actor_id, 1
            from extension_events v
            join milestones m on m.id = v.milestone_id and m.saved
            join cohorts c on c.id = v.cohort_id
           where v.student_id = waymark.account_id() and v.cohort_id = any (waymark.cohort_ids()) and v.enrolled
             and waymark.is_student() and v.status in ('granted', 'declined', 'revoked')
             and v.actor_id is distinct from v.student_id and v.at > now() - interval '90 days'
             and not exists (select from extension_events o join milestones n on n.id = o.milestone_id
                              where o.student_id = v.student_id and o.at = v.at and o.id < v.id
                                and n.shared_id = m.shared_id and o.status = v.status)
          union all
          select 'unanswered', 'unanswered/' || cohort_id || '/' || floor(extract(epoch from last_at))::bigint, last_at,
                 cohort_id, cohort, null, null, null, null, case when in_scope then 'in-scope' end, null, null, requests
            from unanswered
          union all
          select 'mail', 'mail/' || max(id), max(settled_at), null, null, null, null, null, null, null, null, null,
                 count(*)::int
            from mails where state = 'failed' and waymark.is_admin() having count(*) > 0
          union all
          select 'answer', 'answer/' || v.id, v.at, v.cohort_id, c.name, v.milestone_id, m.title, v.student_id, null,
                 v.to_status, v.comment, v.actor_id, 1
            from (select s.id, s.at, s.cohort_id, s.milestone_id, s.student_id, s.to_status, s.comment, s.actor_id, s.undo,
                         lead(s.undo, 1, false) over (partition by s.milestone_id order by s.id) as undone
                    from progress_events s
                   where s.student_id = waymark.account_id() and s.cohort_id = any (waymark.cohort_ids()) and s.enrolled
                     and waymark.is_student()) v
            join milestones m on m.id = v.milestone_id and m.saved
            join cohorts c on c.id = v.cohort_id
           where not v.undo and not v.undone and v.actor_id is distinct from v.student_id
             and v.at > now() - interval '90 days'
             and not exists (select from progress_events o join milestones n on n.id = o.milestone_id
                              where o.student_id = v.student_id and o.at = v.at and o.id < v.id
                                and n.shared_id = m.shared_id and o.to_status = v.to_status)
          union all
          select 'support', 'support/' || u.id, u.at, c.id, c.name, null, null, null, g.name, u.action, null, u.actor_id, 1
            from enrollments e
            join cohorts c on c.id = e.cohort_id
            join audit u on u.subject = 'cohort/' || e.cohort_id and u.action in ('attachment.create', 'attachment.delete')
            join groups g on g.id = case when coalesce(u.after, u.before) ->> 'groupId' ~ '^[0-9]{1,9}$'
                                         then (coalesce(u.after, u.before) ->> 'groupId')::int end
           where e.student_id = waymark.account_id() and e.active and e.cohort_id = any (waymark.cohort_ids())
             and waymark.is_student() and u.at > greatest(e.joined_at, now() - interval '90 days')
          union all
          select 'support', 'support/' || u.id, u.at, c.id, c.name, null, null, null, g.name, u.action, null, u.actor_id, 1
            from audit u
            join groups g on g.id = case when coalesce(u.after, u.before) ->> 'groupId' ~ '^[0-9]{1,9}$'
                                         then (coalesce(u.after, u.before) ->> 'groupId')::int end
            join cohorts c on 'cohort/' || c.id = u.subject
           where u.action in ('attachment.create', 'attachment.delete') and not waymark.is_student()
             and coalesce(u.after, u.before) ->> 'groupId' = any (
               array(select b.group_id::text from group_members b where b.account_id = waymark.account_id()))
             and u.at > now() - interval '90 days' and u.actor_id is distinct from waymark.account_id()
          union all
          select 'support', 'support/' || u.id, u.at, null, null, null, null, null, g.name, u.action, null, u.actor_id, 1
            from audit u join groups g on 'group/' || g.id = u.subject
           where u.action in ('membership.create', 'membership.delete') and not waymark.is_student()
             and coalesce(u.after, u.before) ->> 'accountId' = waymark.account_id()::text
             and u.at > now() - interval '90 days' and u.actor_id is distinct from waymark.account_id()) x;
