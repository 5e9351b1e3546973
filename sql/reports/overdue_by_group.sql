-- Overdue by support group: which groups have students who are behind, and for how long.
-- A cohort supported by two groups counts for both; groups without overdue work are listed with zero.
-- Columns: department, group_name, overdue, students_behind, oldest_due_on.
-- Chart: group_name, overdue.
with supported as (select distinct department, group_id, group_name, cohort_id from report_support)
select s.department, s.group_name,
       count(p.milestone_id) as overdue,
       count(distinct p.student_id) as students_behind,
       min(p.due_on) as oldest_due_on
  from supported s
  left join report_progress p on p.cohort_id = s.cohort_id and p.overdue
 group by s.department, s.group_id, s.group_name
 order by overdue desc, s.group_name;
