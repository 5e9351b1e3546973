-- Mail by day: what went out, what could not be sent, and what is still on its way.
-- Columns: day, kind, planned, sent, not_needed, failed, on_its_way.
select day, kind, count(*) as planned,
       count(*) filter (where state = 'sent') as sent,
       count(*) filter (where state = 'dropped') as not_needed,
       count(*) filter (where state = 'failed') as failed,
       count(*) filter (where state in ('waiting', 'sending')) as on_its_way
  from report_mails group by day, kind order by day desc, kind;
