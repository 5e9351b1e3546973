-- How many were reminded of a milestone.
create index mails_milestone_ids_idx on mails using gin (milestone_ids) where state = 'sent';
