-- Readers of what `enter_system` has set for this transaction: what an institution keeps no longer. As in 0002: one
-- expression each, inlined, for a service login alone, and null where nothing is set, so that nothing goes then.

-- The moment before which rows of a kind go ('audit', 'mails', 'students'); null where they are kept.
create function waymark.kept_since(kind text) returns timestamptz language sql stable parallel safe
  return case when session_user like 'waymark\_app\_%'
    then nullif(current_setting('waymark.kept_' || kind, true), '')::timestamptz end;

-- Cohorts that were archived so long ago that what students have sent there goes.
create function waymark.closed_cohort_ids() returns int[] language sql stable parallel safe
  return case when session_user like 'waymark\_app\_%'
    then nullif(current_setting('waymark.closed_cohort_ids', true), '')::int[] end;

grant execute on function waymark.kept_since(text), waymark.closed_cohort_ids() to public;

-- The next moment after one that is an hour of a day of the week (1 is Monday), in a zone.
create function waymark.next_weekly(weekday int, hour int, after timestamptz, time_zone text) returns timestamptz
  language sql stable parallel safe
  return (
    select min(waymark.reminder_moment(waymark.day_of(after, time_zone) + n, hour, time_zone))
      from generate_series(0, 7) n
     where extract(isodow from waymark.day_of(after, time_zone) + n) = weekday
       and waymark.reminder_moment(waymark.day_of(after, time_zone) + n, hour, time_zone) > after);

grant execute on function waymark.next_weekly(int, int, timestamptz, text) to public;
