-- When something comes next that comes every so many hours of a day in a zone, counted from an hour: every 6 hours from 3 is at 3, 9,
-- 15 and 21, every 24 hours once a day. An hour that the clock leaves out comes an hour later, one that it has twice counts once, the
-- second time; but where every hour is meant, each hour that passes counts.
create function waymark.next_run(after timestamptz, every_hours int, hour int, time_zone text) returns timestamptz
  language sql stable parallel safe
  return case every_hours
    when 1 then date_trunc('hour', after, time_zone) + interval '1 hour'
    else (
      select min(waymark.reminder_moment(waymark.day_of(after, time_zone) + days, at_hour, time_zone))
        from generate_series(0, 1) days, generate_series(hour % every_hours, 23, every_hours) at_hour
       where waymark.reminder_moment(waymark.day_of(after, time_zone) + days, at_hour, time_zone) > after) end;

grant execute on function waymark.next_run(timestamptz, int, int, text) to public;
