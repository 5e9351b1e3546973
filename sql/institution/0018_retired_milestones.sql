-- When a milestone was retired. Students no longer see it, so it is not `saved` any more: all that asks for saved milestones,
-- and the copies of `saved` in files, know that without asking for this column too. A server of the version before shows a
-- retired one to staff as a draft; that it saves it as one is refused here.
alter table milestones add column archived_at timestamptz,
  add constraint milestones_archived_at_check check (archived_at is null or not saved);
