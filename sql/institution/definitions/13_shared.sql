-- Keeps the milestones of one `shared_id` the same: title, description, reminders, who completes it and files; and of a student who
-- has several of them the progress, the later date and the files sent, so that what is done in one is done in all. Triggers,
-- because steps are taken in many ways (answers, undo, files, imports, servers of the version before) and none may forget it.
-- Definers: the cohorts beside are often beyond the scope of who takes the step. What the operator stores (demo, restored
-- institutions) is whole already, and what these triggers write sets off none of them again. They are replaced and not dropped,
-- so that reading goes on while the definitions are applied.

-- The other milestones of a student's that go with one: saved, in cohorts in use in which the student is.
create or replace function shared_beside(of_milestone int, of_student int)
returns table (id int, cohort_id int, completion text, saved boolean)
language sql stable set search_path = '' as $$
  select m.id, m.cohort_id, m.completion, m.saved
    from {{schema}}.milestones o
    join {{schema}}.milestones m on m.shared_id = o.shared_id and m.id <> o.id and m.saved
    join {{schema}}.cohorts c on c.id = m.cohort_id and c.archived_at is null
    join {{schema}}.enrollments e on e.cohort_id = m.cohort_id and e.student_id = of_student and e.active
   where o.id = of_milestone order by m.id
$$;

-- Whether a trigger has to do something: somebody is at work, and this is not what another trigger writes.
create or replace function carries() returns boolean language sql stable set search_path = '' as $$
  select pg_trigger_depth() = 1 and waymark.account_id() is not null
$$;

-- Who edits a shared milestone edits it in all its cohorts: a delegate only where all are in scope.
create or replace function check_shared(of_milestone int, of_shared int) returns void
language plpgsql stable set search_path = '' as $$
begin
  if (select a.role <> 'admin' from {{schema}}.accounts a where a.id = waymark.account_id())
    and exists (select from {{schema}}.milestones m
                 where m.shared_id = of_shared and m.id <> of_milestone
                   and (m.cohort_id = any (waymark.editable_cohort_ids())) is not true) then
    raise exception 'shared with cohorts beyond the scope'
      using errcode = 'check_violation', constraint = 'milestones_shared_scope_check';
  end if;
end $$;

create or replace function carry_milestone() returns trigger language plpgsql volatile security definer set search_path = '' as $$
begin
  if new.shared_id is null or not {{schema}}.carries()
    or (new.title, new.description, new.reminders, new.completion)
      is not distinct from (old.title, old.description, old.reminders, old.completion) then
    return null;
  end if;
  perform {{schema}}.check_shared(new.id, new.shared_id);
  update {{schema}}.milestones m
     set title = new.title, description = new.description, reminders = new.reminders, completion = new.completion,
         changed_at = case when m.reminders is distinct from new.reminders then now() else m.changed_at end,
         version = m.version + 1
   where m.shared_id = new.shared_id and m.id <> new.id;
  return null;
end $$;
create or replace trigger carry_milestone after update of title, description, reminders, completion on milestones
  for each row execute function carry_milestone();

-- Files of a milestone: what is complete comes to all, what goes goes from all.
create or replace function carry_file() returns trigger language plpgsql volatile security definer set search_path = '' as $$
declare
  f record;
  place record;
  made int;
begin
  if not {{schema}}.carries() then return null; end if;
  if tg_op = 'DELETE' then f := old; else f := new; end if;
  for place in
    select m.id, m.cohort_id, m.saved, m.shared_id
      from {{schema}}.milestones o
      join {{schema}}.milestones m on m.shared_id = o.shared_id and m.id <> o.id
     where o.id = f.milestone_id order by m.id
  loop
    perform {{schema}}.check_shared(f.milestone_id, place.shared_id);
    if tg_op = 'DELETE' then
      delete from {{schema}}.milestone_files x
       where x.id = (select min(y.id) from {{schema}}.milestone_files y
                      where y.milestone_id = place.id and y.complete and y.name = f.name and y.size = f.size
                        and y.checksum is not distinct from f.checksum);
    else
      insert into {{schema}}.milestone_files
        (cohort_id, milestone_id, milestone_saved, name, content_type, size, checksum, complete)
      values (place.cohort_id, place.id, place.saved, f.name, f.content_type, f.size, f.checksum, true)
      returning id into made;
      insert into {{schema}}.file_chunks (file_id, n, cohort_id, milestone_saved, bytes)
      select made, c.n, place.cohort_id, place.saved, c.bytes from {{schema}}.file_chunks c where c.file_id = f.id;
    end if;
  end loop;
  return null;
end $$;
create or replace trigger carry_file after update of complete on milestone_files
  for each row when (new.complete and not old.complete) execute function carry_file();
create or replace trigger carry_removal after delete on milestone_files
  for each row when (old.complete) execute function carry_file();

-- Steps: the state, then what the history tells of it.
create or replace function carry_progress() returns trigger language plpgsql volatile security definer set search_path = '' as $$
declare
  beside record;
begin
  if not {{schema}}.carries() then return null; end if;
  for beside in select s.id, s.cohort_id, s.completion from {{schema}}.shared_beside(new.milestone_id, new.student_id) s loop
    insert into {{schema}}.progress as p
      (milestone_id, student_id, cohort_id, completion, status, comment, updated_at)
    values (beside.id, new.student_id, beside.cohort_id, beside.completion, new.status, new.comment, new.updated_at)
    on conflict (milestone_id, student_id) do update
      set status = excluded.status, comment = excluded.comment, updated_at = excluded.updated_at, version = p.version + 1;
  end loop;
  return null;
end $$;
create or replace trigger carry_progress after insert or update of status, comment, updated_at on progress
  for each row execute function carry_progress();

create or replace function carry_progress_event() returns trigger language plpgsql volatile security definer set search_path = '' as $$
begin
  if not {{schema}}.carries() then return null; end if;
  insert into {{schema}}.progress_events
    (milestone_id, student_id, cohort_id, actor_id, at, from_status, to_status, comment, undo)
  select s.id, new.student_id, s.cohort_id, new.actor_id, new.at, new.from_status, new.to_status, new.comment, new.undo
    from {{schema}}.shared_beside(new.milestone_id, new.student_id) s
    join {{schema}}.progress p on p.milestone_id = s.id and p.student_id = new.student_id;
  return null;
end $$;
create or replace trigger carry_progress_event after insert on progress_events
  for each row execute function carry_progress_event();

-- Later dates, asked for and granted.
create or replace function carry_extension() returns trigger language plpgsql volatile security definer set search_path = '' as $$
declare
  beside record;
begin
  if not {{schema}}.carries() then return null; end if;
  for beside in select s.id, s.cohort_id from {{schema}}.shared_beside(new.milestone_id, new.student_id) s loop
    insert into {{schema}}.extensions as x
      (milestone_id, student_id, cohort_id, due_on, status, asked_for, comment, updated_at)
    values (beside.id, new.student_id, beside.cohort_id, new.due_on, new.status, new.asked_for, new.comment, new.updated_at)
    on conflict (milestone_id, student_id) do update
      set due_on = excluded.due_on, status = excluded.status, asked_for = excluded.asked_for, comment = excluded.comment,
          updated_at = excluded.updated_at, version = x.version + 1;
  end loop;
  return null;
end $$;
create or replace trigger carry_extension after insert or update of status on extensions
  for each row execute function carry_extension();

create or replace function carry_extension_event() returns trigger language plpgsql volatile security definer set search_path = '' as $$
begin
  if not {{schema}}.carries() then return null; end if;
  insert into {{schema}}.extension_events (milestone_id, student_id, cohort_id, actor_id, at, status, due_on, comment)
  select s.id, new.student_id, s.cohort_id, new.actor_id, new.at, new.status, new.due_on, new.comment
    from {{schema}}.shared_beside(new.milestone_id, new.student_id) s
    join {{schema}}.extensions x on x.milestone_id = s.id and x.student_id = new.student_id;
  return null;
end $$;
create or replace trigger carry_extension_event after insert on extension_events
  for each row execute function carry_extension_event();

-- A student's file, once more for another milestone of the student's, with the last step there.
create or replace function copy_submission(of_file int, to_milestone int) returns void
language plpgsql volatile set search_path = '' as $$
declare
  made record;
begin
  insert into {{schema}}.submission_files
    (cohort_id, milestone_id, milestone_saved, student_id, event_id, name, content_type, size, checksum, created_at)
  select m.cohort_id, m.id, m.saved, f.student_id,
         (select max(v.id) from {{schema}}.progress_events v where v.milestone_id = m.id and v.student_id = f.student_id),
         f.name, f.content_type, f.size, f.checksum, f.created_at
    from {{schema}}.submission_files f join {{schema}}.milestones m on m.id = to_milestone
   where f.id = of_file
  returning id, cohort_id, student_id into made;
  insert into {{schema}}.submission_chunks (file_id, n, cohort_id, student_id, bytes)
  select made.id, c.n, made.cohort_id, made.student_id, c.bytes from {{schema}}.submission_chunks c where c.file_id = of_file;
end $$;

create or replace function carry_submission() returns trigger language plpgsql volatile security definer set search_path = '' as $$
begin
  if not {{schema}}.carries() then return null; end if;
  if tg_op = 'DELETE' then
    delete from {{schema}}.submission_files x
     using {{schema}}.shared_beside(old.milestone_id, old.student_id) s
     where x.id = (select min(y.id) from {{schema}}.submission_files y
                    where y.milestone_id = s.id and y.student_id = old.student_id and y.event_id is not null
                      and y.name = old.name and y.size = old.size and y.checksum is not distinct from old.checksum);
  else
    perform {{schema}}.copy_submission(new.id, s.id)
       from {{schema}}.shared_beside(new.milestone_id, new.student_id) s;
  end if;
  return null;
end $$;
create or replace trigger carry_submission after update of event_id on submission_files
  for each row when (old.event_id is null and new.event_id is not null) execute function carry_submission();
create or replace trigger carry_removal after delete on submission_files
  for each row when (old.event_id is not null) execute function carry_submission();

-- Who joins a cohort with a milestone that was shared, or whose cohort gets one, has done there what was done elsewhere: the state
-- that was changed last, and what the history tells since.
create or replace function catch_up(of_milestone int, of_student int) returns void
language plpgsql volatile set search_path = '' as $$
declare
  m record;
  newest record;
  known timestamptz;
begin
  select x.id, x.cohort_id, x.completion into m from {{schema}}.milestones x where x.id = of_milestone;
  select p.milestone_id, p.status, p.comment, p.updated_at into newest
    from {{schema}}.shared_beside(of_milestone, of_student) s
    join {{schema}}.progress p on p.milestone_id = s.id and p.student_id = of_student
   order by p.updated_at desc, p.milestone_id limit 1;
  if found then
    select coalesce(max(v.at), '-infinity') into known
      from {{schema}}.progress_events v where v.milestone_id = of_milestone and v.student_id = of_student;
    insert into {{schema}}.progress as p (milestone_id, student_id, cohort_id, completion, status, comment, updated_at)
    values (m.id, of_student, m.cohort_id, m.completion, newest.status, newest.comment, newest.updated_at)
    on conflict (milestone_id, student_id) do update
      set status = excluded.status, comment = excluded.comment, updated_at = excluded.updated_at, version = p.version + 1
      where p.updated_at < excluded.updated_at;
    if found then
      insert into {{schema}}.progress_events
        (milestone_id, student_id, cohort_id, actor_id, at, from_status, to_status, comment, undo)
      select m.id, of_student, m.cohort_id, v.actor_id, v.at, v.from_status, v.to_status, v.comment, v.undo
        from {{schema}}.progress_events v
       where v.milestone_id = newest.milestone_id and v.student_id = of_student and v.at > known order by v.id;
      delete from {{schema}}.submission_files f
       where f.milestone_id = m.id and f.student_id = of_student and f.event_id is not null;
      perform {{schema}}.copy_submission(f.id, m.id)
         from {{schema}}.submission_files f
        where f.milestone_id = newest.milestone_id and f.student_id = of_student and f.event_id is not null;
    end if;
  end if;
  select x.milestone_id, x.due_on, x.status, x.asked_for, x.comment, x.updated_at into newest
    from {{schema}}.shared_beside(of_milestone, of_student) s
    join {{schema}}.extensions x on x.milestone_id = s.id and x.student_id = of_student
   order by x.updated_at desc, x.milestone_id limit 1;
  if found then
    select coalesce(max(v.at), '-infinity') into known
      from {{schema}}.extension_events v where v.milestone_id = of_milestone and v.student_id = of_student;
    insert into {{schema}}.extensions as x
      (milestone_id, student_id, cohort_id, due_on, status, asked_for, comment, updated_at)
    values (m.id, of_student, m.cohort_id, newest.due_on, newest.status, newest.asked_for, newest.comment, newest.updated_at)
    on conflict (milestone_id, student_id) do update
      set due_on = excluded.due_on, status = excluded.status, asked_for = excluded.asked_for, comment = excluded.comment,
          updated_at = excluded.updated_at, version = x.version + 1
      where x.updated_at < excluded.updated_at;
    if found then
      insert into {{schema}}.extension_events (milestone_id, student_id, cohort_id, actor_id, at, status, due_on, comment)
      select m.id, of_student, m.cohort_id, v.actor_id, v.at, v.status, v.due_on, v.comment
        from {{schema}}.extension_events v
       where v.milestone_id = newest.milestone_id and v.student_id = of_student and v.at > known order by v.id;
    end if;
  end if;
end $$;

create or replace function catch_up_joining() returns trigger language plpgsql volatile security definer set search_path = '' as $$
begin
  if {{schema}}.carries() then
    perform {{schema}}.catch_up(m.id, new.student_id) from {{schema}}.milestones m
      where m.cohort_id = new.cohort_id and m.shared_id is not null and m.saved;
  end if;
  return null;
end $$;
create or replace trigger catch_up after insert or update of left_at on enrollments
  for each row when (new.left_at is null) execute function catch_up_joining();

create or replace function catch_up_sharing() returns trigger language plpgsql volatile security definer set search_path = '' as $$
begin
  if {{schema}}.carries() then
    perform {{schema}}.catch_up(new.id, e.student_id) from {{schema}}.enrollments e
      where e.cohort_id = new.cohort_id and e.active;
  end if;
  return null;
end $$;
create or replace trigger catch_up after update of shared_id, saved on milestones
  for each row when (new.shared_id is not null and new.saved
    and (old.shared_id, old.saved) is distinct from (new.shared_id, new.saved))
  execute function catch_up_sharing();

