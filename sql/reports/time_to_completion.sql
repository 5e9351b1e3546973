-- Time to completion: how many days after joining the cohort students complete each milestone.
-- The last completion counts, where one was reopened; milestones nobody has completed are left out.
-- Columns: cohort, milestone, completed, fastest_days, median_days, slowest_days.
-- Chart: milestone, median_days.
with done as (
  select p.cohort_id, p.cohort, p.milestone_id, p.milestone, p.updated_on - e.joined_on as days
    from report_progress p
    join report_enrollments e on e.cohort_id = p.cohort_id and e.student_id = p.student_id and e.left_on is null
   where p.status = 'completed')
select cohort, milestone, count(*) as completed, min(days) as fastest_days,
       percentile_disc(0.5) within group (order by days) as median_days, max(days) as slowest_days
  from done
 group by cohort_id, cohort, milestone_id, milestone
 order by cohort, median_days, milestone, milestone_id;
