-- Students behind: who has something overdue, since when, and when they last signed in.
-- The longest overdue first.
-- Columns: student, email, student_number, cohorts, overdue, oldest_due_on, last_sign_in.
select p.student, p.email, p.student_number, string_agg(distinct p.cohort, ', ' order by p.cohort) as cohorts,
       count(*) as overdue, min(p.due_on) as oldest_due_on, max(g.signed_in_at) as last_sign_in
  from report_progress p join report_sign_ins g on g.account_id = p.student_id
 where p.overdue
 group by p.student_id, p.student, p.email, p.student_number
 order by oldest_due_on, overdue desc, p.student, p.student_id;
