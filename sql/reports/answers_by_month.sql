-- Answers by month: how many requests were answered, how many returned, and how long students waited.
-- A wait runs from the request to its answer; what staff mark without a request has none.
-- Columns: month, answers, returned, percent_returned, median_hours.
-- Chart: month, answers.
with steps as (
  select at, day, actor_id, student_id, from_status, to_status,
         lag(at) over (partition by milestone_id, student_id order by id) as asked_at
    from report_answers),
answers as (
  select date_trunc('month', day) as month, to_status,
         extract(epoch from at - asked_at) / 3600 as hours
    from steps
   where from_status = 'submitted' and to_status in ('completed', 'returned', 'waived')
     and actor_id is distinct from student_id)
select to_char(month, 'YYYY-MM') as month, count(*) as answers,
       count(*) filter (where to_status = 'returned') as returned,
       round(100.0 * count(*) filter (where to_status = 'returned') / count(*), 1) as percent_returned,
       round((percentile_cont(0.5) within group (order by hours))::numeric, 1) as median_hours
  from answers group by month order by month;
