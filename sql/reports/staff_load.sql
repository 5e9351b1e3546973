-- Staff load: how many students each person supports, what waits for an answer, what was answered in 30 days.
-- A request waits for everybody who supports its cohort. Answered: returned, or marked as done or not needed, by that person.
-- Columns: name, role, cohorts, students, waiting, oldest_request, answered_30_days.
-- Chart: name, waiting.
with supported as (select distinct account_id, name, role, cohort_id
                     from report_support where account_id is not null),
     by_cohort as (select cohort_id,
                          array_agg(distinct student_id) as students,
                          count(*) filter (where status = 'submitted') as waiting,
                          min(updated_at) filter (where status = 'submitted') as oldest_request
                     from report_progress group by cohort_id),
     answered as (select actor_id, count(*) as answers
                    from report_answers
                   where to_status in ('returned', 'completed', 'waived') and actor_id <> student_id
                     and at >= now() - interval '30 days'
                   group by actor_id)
select s.name, s.role,
       count(distinct s.cohort_id) as cohorts,
       (select count(distinct u.student_id)
          from supported t join by_cohort c on c.cohort_id = t.cohort_id cross join unnest(c.students) u (student_id)
         where t.account_id = s.account_id) as students,
       coalesce(sum(b.waiting), 0) as waiting,
       min(b.oldest_request) as oldest_request,
       coalesce(max(a.answers), 0) as answered_30_days
  from supported s
  left join by_cohort b on b.cohort_id = s.cohort_id
  left join answered a on a.actor_id = s.account_id
 group by s.account_id, s.name, s.role
 order by waiting desc, s.name, s.account_id;
