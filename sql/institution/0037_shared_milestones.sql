-- Milestones that stand in several cohorts: each cohort has a row of its own with the same number in `shared_id`, and a due date
-- of its own. What else they say, and how far a student is who has several of them, is kept the same by the triggers of
-- `definitions/13_shared.sql`. The number is the id of the copy that was made first: it was given to no other group before.
alter table milestones add column shared_id int;
create unique index milestones_shared_id_key on milestones (shared_id, cohort_id) where shared_id is not null;
