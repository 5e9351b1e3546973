-- Gives `settings.content` a new value with each change of what students are shown of their cohorts: names of cohorts and
-- categories, milestones, files, groups, their members and cards. Whoever adds something to a dashboard that is not the
-- student's own adds its table here; `KeptContentTests` hold kept answers against fresh ones. Definer: nobody else may
-- write the column.
create or replace function renew_content() returns trigger language plpgsql volatile security definer set search_path = '' as $$
begin
  update {{schema}}.settings set content = gen_random_uuid();
  return null;
end $$;

-- At the end of the transaction, so that nobody else's change waits for more than a commit, and no two for each other.
drop trigger if exists renew_content on cohort_categories;
create constraint trigger renew_content after insert or update or delete on cohort_categories
  deferrable initially deferred for each row execute function renew_content();
drop trigger if exists renew_content on cohorts;
create constraint trigger renew_content after insert or update or delete on cohorts
  deferrable initially deferred for each row execute function renew_content();
drop trigger if exists renew_content on milestones;
create constraint trigger renew_content after insert or update or delete on milestones
  deferrable initially deferred for each row execute function renew_content();
drop trigger if exists renew_content on milestone_files;
create constraint trigger renew_content after insert or update or delete on milestone_files
  deferrable initially deferred for each row execute function renew_content();
drop trigger if exists renew_content on cohort_groups;
create constraint trigger renew_content after insert or update or delete on cohort_groups
  deferrable initially deferred for each row execute function renew_content();
drop trigger if exists renew_content on groups;
create constraint trigger renew_content after insert or update or delete on groups
  deferrable initially deferred for each row execute function renew_content();
drop trigger if exists renew_content on group_members;
create constraint trigger renew_content after insert or update or delete on group_members
  deferrable initially deferred for each row execute function renew_content();
drop trigger if exists renew_content on cards;
create constraint trigger renew_content after insert or update or delete on cards
  deferrable initially deferred for each row execute function renew_content();
-- Of people, what is shown of a member; students are none, and an import of many renews nothing.
drop trigger if exists renew_content on accounts;
create constraint trigger renew_content after update on accounts
  deferrable initially deferred for each row
  when (old.role <> 'student'
        and (old.name, old.sort_name, old.status) is distinct from (new.name, new.sort_name, new.status))
  execute function renew_content();
