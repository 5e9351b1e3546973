-- Rosters that are fetched several times a day. done_at: up to when that has been done. The version before asks once a day, and keeps
-- done_on instead, which goes with the version after this one.
alter table roster_sources
  add column every_hours int not null default 24,
  add column done_at timestamptz,
  add constraint roster_sources_every_hours_check check (every_hours in (1, 2, 3, 4, 6, 12, 24));
