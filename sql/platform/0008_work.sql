-- When there is something to do for an institution next, so that a worker asks one index and not every schema. Each
-- institution says it for itself (schedule_work in sql/institution/definitions); a new one is looked into at once.
alter table waymark.institutions add column work_at timestamptz not null default now();
create index institutions_work_at_idx on waymark.institutions (work_at) where state = 'active';
grant select (work_at) on waymark.institutions to public;

-- When the reminders of a day go out: at the institution's hour. An hour that the clock leaves out comes an hour later, one
-- that it has twice counts once, the second time.
create function waymark.reminder_moment(day date, hour int, time_zone text) returns timestamptz
  language sql stable parallel safe
  return (day + make_interval(hours => hour)) at time zone time_zone;

grant execute on function waymark.reminder_moment(date, int, text) to public;
