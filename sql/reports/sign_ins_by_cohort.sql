-- Sign-ins by cohort: who has never been here, and who has not come for a month.
-- Columns: category, cohort, students, never_signed_in, not_for_30_days, percent_never.
-- Chart: cohort, percent_never.
select e.category, e.cohort, count(*) as students,
       count(*) filter (where g.signed_in_at is null) as never_signed_in,
       count(*) filter (where g.signed_in_at < now() - interval '30 days') as not_for_30_days,
       round(100.0 * count(*) filter (where g.signed_in_at is null) / count(*), 1) as percent_never
  from report_enrollments e join report_sign_ins g on g.account_id = e.student_id
 where e.left_on is null
 group by e.category, e.cohort_id, e.cohort
 order by e.category, e.cohort, e.cohort_id;
