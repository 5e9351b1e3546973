-- What is kept no longer, and students of whom nothing is kept that says who they were.

-- Sets, for this transaction, the moments and cohorts that the policies of the background work compare with: what the institution
-- keeps no longer. Moments are beginnings of days in its zone, so that what is due goes once a day, and not in every
-- quarter of an hour a little. Definer: set_config is nobody else's.
create or replace function limit_retention() returns void language plpgsql volatile security definer set search_path = '' as $$
declare
  s record;
  closed text;
  done text;
begin
  select x.keep_students_days as students, x.keep_audit_days as audit, x.keep_mails_days as mails,
         x.keep_files_days as files, x.time_zone as zone, waymark.day_of(now(), x.time_zone) as today
    into s from {{schema}}.settings x;
  if s.files is not null then
    select array_agg(c.id)::text into closed
      from {{schema}}.cohorts c where c.archived_at < waymark.reminder_moment(s.today - s.files, 0, s.zone);
  end if;
  done := pg_catalog.concat(
    pg_catalog.set_config('waymark.kept_students',
      coalesce(waymark.reminder_moment(s.today - s.students, 0, s.zone)::text, ''), true),
    pg_catalog.set_config('waymark.kept_audit',
      coalesce(waymark.reminder_moment(s.today - s.audit, 0, s.zone)::text, ''), true),
    pg_catalog.set_config('waymark.kept_mails',
      coalesce(waymark.reminder_moment(s.today - s.mails, 0, s.zone)::text, ''), true),
    pg_catalog.set_config('waymark.closed_cohort_ids', coalesce(closed, ''), true));
end $$;

-- Notes since when somebody is archived, whatever archives them.
create or replace function date_archiving() returns trigger language plpgsql as $$
begin
  new.archived_at := case when new.status = 'archived' then now() end;
  return new;
end $$;
create or replace trigger date_archiving before update of status on accounts
  for each row when (old.status is distinct from new.status) execute function date_archiving();

-- A pattern of any of these texts.
create or replace function any_of(said text[]) returns text language sql immutable set search_path = '' as $$
  select '(' || pg_catalog.string_agg(pg_catalog.regexp_replace(w, '([^[:alnum:]])', '\\\1', 'g'), '|') || ')'
    from pg_catalog.unnest(said) w
$$;

-- The same, standing for itself, and no part of a longer word or address.
create or replace function whole(pattern text) returns text language sql immutable set search_path = '' as $$
  select '(^|[^[:alnum:]._%+-])' || pattern || '(?![[:alnum:]-]|\.[[:alnum:]])'
$$;

-- Takes away of these students what says who they were: names, addresses, numbers, what was written to and by them,
-- their files, whatever lets them in, what other systems call them, and what the audit tells of them. Who they were in a
-- report stays: in which cohorts, from when to when, which steps, on which days.
--
-- It works as nobody, because the triggers that carry steps to milestones beside would else write there what is about to go.
create or replace function erase(students int[]) returns void language plpgsql volatile set search_path = '' as $$
declare
  caller text := coalesce(pg_catalog.current_setting('waymark.account_id', true), '');
  done text := pg_catalog.set_config('waymark.account_id', '', true);
  addresses text[];
  spelled text[];
  numbers text[];
  names text[];
  rough text;
  address text;
  name text;
  users int[];
  subjects text[];
begin
  select array_agg(lower(a.email)),
         array_agg(lower(pg_catalog.encode(pg_catalog.convert_to(lower(a.email), 'UTF8'), 'escape'))),
         array_agg('"employeenumber": ' || lower(pg_catalog.to_jsonb(a.student_number)::text))
           filter (where a.student_number is not null)
         || array_agg('"studentnumber": ' || lower(pg_catalog.to_jsonb(a.student_number)::text))
           filter (where a.student_number is not null)
    into addresses, spelled, numbers
    from {{schema}}.accounts a where a.id = any (students);
  names := array(
    select distinct lower(n.name)
      from {{schema}}.accounts a
     cross join lateral (values (btrim(a.given_name || ' ' || a.family_name)), (a.name)) n (name)
     where a.id = any (students) and n.name like '% %');
  rough := {{schema}}.any_of(addresses || numbers || names);
  address := {{schema}}.whole({{schema}}.any_of(addresses));
  name := {{schema}}.whole({{schema}}.any_of(names));
  users := array(
    select u.id from {{schema}}.scim_users u
     where u.account_id = any (students) or lower(u.email) = any (addresses) or lower(u.user_name) = any (addresses)
           or u.employee_number in (select a.student_number from {{schema}}.accounts a where a.id = any (students)));
  subjects := array(select 'account/' || s from unnest(students) s union all select 'student/' || s from unnest(students) s
                    union all select 'scim-user/' || u from unnest(users) u);

  -- First a pattern that is quick, as this goes through all of the audit. Names may be another's too, whose account says so by
  -- its own right.
  update {{schema}}.audit x set before = null, after = null
   where (x.before is not null or x.after is not null)
     and (x.subject = any (subjects)
          or pg_catalog.split_part(x.subject, '/', 3) = any (students::text[])
          or case when lower(pg_catalog.concat(x.before::text, ' ', x.after::text)) ~ rough then
               (select t.said ~ address or t.said ~ {{schema}}.any_of(numbers)
                       or x.subject !~ '^(account|scim-user)/' and t.said ~ name
                  from (select lower(pg_catalog.concat(x.before::text, ' ', x.after::text)) as said) t) end);

  delete from {{schema}}.sessions t where t.account_id = any (students);
  delete from {{schema}}.sign_ins t where t.account_id = any (students);
  delete from {{schema}}.sign_in_challenges t where t.account_id = any (students);
  delete from {{schema}}.authenticators t where t.account_id = any (students);
  delete from {{schema}}.invitations t where t.account_id = any (students);
  delete from {{schema}}.identities t where t.account_id = any (students);
  delete from {{schema}}.awaited_identities t where t.account_id = any (students);
  delete from {{schema}}.api_tokens t where t.maker_id = any (students);
  delete from {{schema}}.calendar_feeds t where t.account_id = any (students);
  delete from {{schema}}.mail_preferences t where t.account_id = any (students);
  delete from {{schema}}.inbox_reads t where t.account_id = any (students);
  delete from {{schema}}.saved_views t where t.account_id = any (students);
  delete from {{schema}}.reset_requests t where lower(t.address) = any (addresses);
  delete from {{schema}}.roster_records t where t.account_id = any (students);
  delete from {{schema}}.scim_users t where t.id = any (users);
  -- what waits for a day at most, and may say it: answers kept for repetitions, files of people that nobody has said yes to
  delete from {{schema}}.idempotency_keys t
   where t.account_id = any (students)
      or exists (select from unnest(spelled) w
                  where pg_catalog.strpos(lower(pg_catalog.encode(t.response, 'escape')), w) > 0
                     or exists (select from {{schema}}.idempotency_pieces p
                                 where p.account_id = t.account_id and p.route = t.route and p.key = t.key
                                   and pg_catalog.strpos(lower(pg_catalog.encode(p.bytes, 'escape')), w) > 0));
  delete from {{schema}}.uploads t
   where t.account_id = any (students)
      or exists (select from {{schema}}.upload_pieces p cross join unnest(spelled) w
                  where p.upload_id = t.id and pg_catalog.strpos(lower(pg_catalog.encode(p.bytes, 'escape')), w) > 0);
  -- records of a roster that were refused, by address or number; the next run says again what is wrong
  update {{schema}}.roster_runs t set problems = '{}' where t.problems <> '{}';
  update {{schema}}.roster_runs t set detail = null where t.account_id = any (students);
  -- rows of a folder's files, and the files by their names; what lies in the folder itself the operator removes
  update {{schema}}.folder_files t set problems = '{}' where t.problems <> '{}';
  update {{schema}}.folder_files t set name = '', detail = null
   where t.account_id = any (students) or lower(pg_catalog.concat(t.name, ' ', t.detail)) ~ rough;
  -- what a server of mail has said names the address
  update {{schema}}.mails t set reason = null where t.account_id = any (students) and t.reason is not null;
  delete from {{schema}}.submission_files t where t.student_id = any (students);
  update {{schema}}.progress t set comment = null, version = t.version + 1
   where t.student_id = any (students) and t.comment is not null;
  update {{schema}}.progress_events t set comment = null where t.student_id = any (students) and t.comment is not null;
  update {{schema}}.extensions t set comment = null, version = t.version + 1
   where t.student_id = any (students) and t.comment is not null;
  update {{schema}}.extension_events t set comment = null where t.student_id = any (students) and t.comment is not null;
  update {{schema}}.accounts a
     set email = 'erased-' || a.id || '@waymark.invalid', given_name = 'Erased', family_name = 'student',
         preferred_name = null, student_number = null, password_hash = null, erased_at = now(), version = a.version + 1
   where a.id = any (students);
  done := pg_catalog.set_config('waymark.account_id', caller, true);
end $$;

-- Erases one archived student; false where there is none of that number, or it was done before. In person only. Definer: it
-- changes what nobody else may, the audit too.
create or replace function erase_student(student int) returns boolean
language plpgsql volatile security definer set search_path = '' as $$
begin
  if waymark.token_id() is not null then
    raise exception 'not for this token' using errcode = 'WM403';
  end if;
  perform from {{schema}}.accounts a
    where a.id = student and a.role = 'student' and a.status = 'archived' and a.erased_at is null for update;
  if not found then return false; end if;
  perform {{schema}}.erase(array[student]);
  return true;
end $$;

-- Erases students who have been archived for longer than the institution keeps them, at most so many; answers how many. Definer
-- for the same reason.
create or replace function erase_archived(most int) returns int
language plpgsql volatile security definer set search_path = '' as $$
declare
  students int[];
begin
  students := array(
    select a.id from {{schema}}.accounts a
     where a.role = 'student' and a.status = 'archived' and a.erased_at is null
       and coalesce(a.archived_at, a.created_at) < waymark.kept_since('students')
     order by a.id limit most for update skip locked);
  if students <> '{}' then
    perform {{schema}}.erase(students);
  end if;
  return cardinality(students);
end $$;

grant execute on function limit_retention(), erase_archived(int) to inst_{{id}}_system;
grant execute on function erase_student(int) to inst_{{id}}_admin;
