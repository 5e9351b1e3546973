-- The order in which a cohort's milestones stand in the Assigned Milestones box. Null, also for every row there was: not
-- put anywhere yet; such stand behind the others, in the order they were made. So code that knows no position goes on as
-- before. Not unique: one statement writes a cohort's whole order.
alter table milestones add column position int
  constraint milestones_position_check check (position > 0);
