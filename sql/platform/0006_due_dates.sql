-- When a milestone is due, and what that makes of it: the one place that says so, for views and statements. Each is
-- one expression that PostgreSQL inlines, so that it costs nothing and plans are what they were.

-- On its date, or so many days after the day the student joined the cohort; null where it has neither.
create function waymark.due_on(fixed date, days_after int, joined_on date) returns date
  language sql immutable parallel safe
  return coalesce(fixed, joined_on + days_after);

-- The day was before today, and the student has yet to do something.
create function waymark.is_overdue(due_on date, today date, status text) returns boolean
  language sql immutable parallel safe
  return coalesce(due_on < today and status in ('open', 'returned'), false);

-- Today, or within so many days from today.
create function waymark.is_due_within(due_on date, today date, days int) returns boolean
  language sql immutable parallel safe
  return coalesce(due_on between today and today + days, false);

-- The calendar day of a moment in the institution's zone.
create function waymark.day_of(moment timestamptz, time_zone text) returns date
  language sql immutable parallel safe
  return (moment at time zone time_zone)::date;

grant execute on function
  waymark.due_on(date, int, date), waymark.is_overdue(date, date, text), waymark.is_due_within(date, date, int),
  waymark.day_of(timestamptz, text)
to public;
