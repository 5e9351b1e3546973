-- Requests by age: how long students of each cohort have been waiting for an answer.
-- Columns: category, cohort, waiting, up_to_2_days, up_to_7_days, older, oldest_request.
-- Chart: cohort, waiting.
select category, cohort, count(*) as waiting,
       count(*) filter (where asked_at >= now() - interval '2 days') as up_to_2_days,
       count(*) filter (where asked_at < now() - interval '2 days' and asked_at >= now() - interval '7 days')
         as up_to_7_days,
       count(*) filter (where asked_at < now() - interval '7 days') as older,
       min(asked_at) as oldest_request
  from report_requests
 where waiting
 group by category, cohort_id, cohort
 order by oldest_request, cohort, cohort_id;
