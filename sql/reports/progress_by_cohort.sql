-- Progress by cohort: how far each cohort is, and where students are stuck.
-- Milestones that are not needed leave the total, as on the student's dashboard.
-- Columns: category, cohort, students, assignments, completed, submitted, returned, overdue, percent_completed.
-- Chart: cohort, percent_completed.
select category, cohort,
       count(distinct student_id) as students,
       count(*) filter (where status <> 'waived') as assignments,
       count(*) filter (where status = 'completed') as completed,
       count(*) filter (where status = 'submitted') as submitted,
       count(*) filter (where status = 'returned') as returned,
       count(*) filter (where overdue) as overdue,
       round(100.0 * count(*) filter (where status = 'completed')
             / nullif(count(*) filter (where status <> 'waived'), 0), 1) as percent_completed
  from report_progress
 group by category, cohort_id, cohort
 order by category, cohort, cohort_id;
