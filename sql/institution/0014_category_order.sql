-- The place of a category on the page Cohorts. Null, also for every row there was: not put anywhere yet; such stand behind
-- the others, by name. Not unique: one statement moves one and numbers all.
alter table cohort_categories add column position int
  constraint cohort_categories_position_check check (position > 0);
