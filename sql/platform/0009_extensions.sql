-- The same for a student who has an extension: never earlier than for the others, also where their day has moved behind it; and
-- where they have no day there is nothing to extend.
create function waymark.due_on(fixed date, days_after int, joined_on date, extended_to date) returns date
  language sql immutable parallel safe
  return coalesce(fixed, joined_on + days_after) + greatest(extended_to - coalesce(fixed, joined_on + days_after), 0);

grant execute on function waymark.due_on(date, int, date, date) to public;
