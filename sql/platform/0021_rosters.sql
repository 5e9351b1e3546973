-- When an institution's roster is to be fetched next, or somebody has to look after a run that is under way; null where it has no
-- source of rosters. Each institution says it for itself (schedule_roster in sql/institution/definitions).
alter table waymark.institutions add column roster_at timestamptz;
create index institutions_roster_at_idx on waymark.institutions (roster_at) where state = 'active' and roster_at is not null;
grant select (roster_at) on waymark.institutions to public;
