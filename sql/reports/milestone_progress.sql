-- Progress by milestone: which ones students finish, and which ones hold them up.
-- Where one is not needed it leaves the total. Due dates that count from joining differ by student: the first one is told.
-- Columns: cohort, milestone, first_due_on, students, completed, submitted, returned, overdue, percent_completed.
-- Chart: milestone, percent_completed.
select cohort, milestone, min(due_on) as first_due_on,
       count(*) filter (where status <> 'waived') as students,
       count(*) filter (where status = 'completed') as completed,
       count(*) filter (where status = 'submitted') as submitted,
       count(*) filter (where status = 'returned') as returned,
       count(*) filter (where overdue) as overdue,
       round(100.0 * count(*) filter (where status = 'completed')
             / nullif(count(*) filter (where status <> 'waived'), 0), 1) as percent_completed
  from report_progress
 group by category, cohort_id, cohort, milestone_id, milestone
 order by category, cohort, first_due_on nulls last, milestone, milestone_id;
