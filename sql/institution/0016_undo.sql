-- The step before it on the same milestone of the same student was a mistake, and this one takes it back. It keeps the
-- history whole: both are told.
alter table progress_events add column undo boolean not null default false;
