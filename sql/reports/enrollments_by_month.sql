-- Enrollments by month: how many students joined and left cohorts, and how many were in one at its end.
-- A student in two cohorts counts in both. Months in which nothing happened are left out.
-- Columns: month, joined, left_cohort, enrolled_at_end.
-- Chart: month, enrolled_at_end.
with moves as (
  select date_trunc('month', joined_on)::date as month, 1 as joined, 0 as gone from report_enrollments
  union all
  select date_trunc('month', left_on)::date, 0, 1 from report_enrollments where left_on is not null)
select to_char(month, 'YYYY-MM') as month, sum(joined) as joined, sum(gone) as left_cohort,
       sum(sum(joined) - sum(gone)) over (order by month) as enrolled_at_end
  from moves group by month order by month;
