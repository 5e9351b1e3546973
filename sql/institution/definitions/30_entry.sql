-- The way in. `enter` fails with these SQLSTATEs, in this order:
--   WM503 institution suspended   WM401 unknown token or inactive account   WM402 token expired
--   WM405 admin without codes, where they are needed
--   WM403 the role may never      WM404 student before visibility           WM409 not set up (message: its keys)

-- Who the token is and whether the audience admits it: sets, for this transaction, who that is and the ids it may see and
-- act on. Returns the role, which only the caller can set. Definer: it reads what no caller may, and may call set_config,
-- which others may not (SET LOCAL by `execute format` would be parsed anew for each list at each call). PL/pgSQL, because a definer function in SQL is planned
-- anew at each call; generic plans, because with the few groups of a staff member in sight the planner prefers to plan anew
-- too (200 us a call, so 100). One query for most callers. Volatile: it notes when a session was seen.
drop function if exists who(bytea, text, boolean);
create function who(token bytea, audience text, writing boolean) returns text
language plpgsql volatile security definer set search_path = '' set plan_cache_mode = force_generic_plan as $$
declare
  s record;
  k record;
  account int;
  role text;
  token_id int;
  cohorts text;
  acting text;
  editable text;
  groups text;
  managed text;
  directed text;
  departments text;
  members text;
  missing text[];
  belonging int[];
  managing int[];
  directing int[];
  heading int[];
  seeing int[];
  cohort_list int[];
  acting_list int[];
  editable_list int[];
  new_list int[];
  done text;
begin
  select x.suspended, x.student_visibility as visible, x.cohort_delegation as delegated, x.admins_need_codes as codes,
         t.seen_at, t.expires_at, t.seen_at + x.session_idle_minutes * interval '1 minute' as idle_at,
         a.id as account_id, a.role as account_role, a.status,
         case when a.role = 'student' then
           array(select e.cohort_id from {{schema}}.enrollments e
                  where e.student_id = a.id and e.active
                    and not exists (select from {{schema}}.cohorts c
                                     where c.id = e.cohort_id and c.archived_at is not null)
                  order by e.cohort_id) end as student_cohorts
    into s
    from {{schema}}.settings x
    left join {{schema}}.sessions t on t.token_hash = token
    left join {{schema}}.accounts a on a.id = t.account_id;
  if s.suspended is distinct from false then
    raise exception 'institution suspended' using errcode = 'WM503';
  end if;

  if s.account_id is not null then
    if s.status <> 'active' then
      raise exception 'not signed in' using errcode = 'WM401';
    elsif s.expires_at <= statement_timestamp() or s.idle_at <= statement_timestamp() then
      raise exception 'session expired' using errcode = 'WM402';
    elsif s.seen_at < statement_timestamp() - interval '1 minute'
          and current_setting('transaction_read_only') = 'off' then
      -- skip locked: a long import by the same person must not make their other requests wait
      update {{schema}}.sessions t set seen_at = now()
       where t.token_hash = (select u.token_hash from {{schema}}.sessions u
                              where u.token_hash = token for update skip locked);
    end if;
    account := s.account_id;
    role := s.account_role;
    if s.codes then
      if role = 'admin' and audience <> 'own'
         and not exists (select from {{schema}}.authenticators c
                          where c.account_id = account and c.confirmed_at is not null) then
        raise exception 'codes needed' using errcode = 'WM405';
      end if;
    end if;
  elsif audience = 'calendar' then
    -- as its owner, who else could not come in this way, nor it any other
    select f.account_id, a.role,
           array(select e.cohort_id from {{schema}}.enrollments e
                  where e.student_id = a.id and e.active and a.role = 'student'
                    and not exists (select from {{schema}}.cohorts c
                                     where c.id = e.cohort_id and c.archived_at is not null)
                  order by e.cohort_id) as student_cohorts
      into k
      from {{schema}}.calendar_feeds f
      join {{schema}}.accounts a on a.id = f.account_id and a.status = 'active'
     where f.token_hash = token;
    if k.account_id is null then
      raise exception 'not signed in' using errcode = 'WM401';
    end if;
    account := k.account_id;
    role := k.role;
    s.student_cohorts := k.student_cohorts;
    audience := 'readers';
  else
    select t.id, t.maker_id, t.expires_at, t.scopes into k
      from {{schema}}.api_tokens t
      join {{schema}}.accounts a on a.id = t.maker_id and a.role = 'admin' and a.status = 'active'
     where t.token_hash = token and t.revoked_at is null;
    if k.id is null then
      raise exception 'not signed in' using errcode = 'WM401';
    elsif k.expires_at <= statement_timestamp() then
      raise exception 'token expired' using errcode = 'WM402';
    elsif audience = 'admin-in-person'
          or not (case when audience = 'scim' then 'scim' when writing then 'write' else 'read' end = any (k.scopes)) then
      raise exception 'not for this token' using errcode = 'WM403';
    elsif audience = 'scim' then
      audience := 'admin';                                                   -- by such a token, and no other way
    end if;
    account := k.maker_id;
    token_id := k.id;
    role := 'admin';
  end if;

  -- One expression, with lists: what is evaluated is first made ready, anew in each transaction, which costs more.
  if (audience = any (case role
        when 'student' then '{any,own,student,progress,readers}'
        when 'staff' then '{any,own,staff,casework,progress,readers}'
        when 'manager' then '{any,own,staff,casework,progress,readers,members,editors}'
        when 'director' then '{any,own,staff,casework,progress,readers,members,editors,groups}'
        when 'admin' then '{any,own,staff,casework,progress,readers,members,editors,groups,admin,admin-in-person}'
      end::text[]) and (audience <> 'editors' or role = 'admin' or s.delegated)) is not true then
    if (audience = any ('{any,own,student,staff,casework,progress,readers,calendar,members,editors,groups,admin,admin-in-person,scim}'))
       is not true then
      raise exception 'unknown audience' using errcode = '22023';
    end if;
    raise exception 'not for this role' using errcode = 'WM403';
  end if;

  <<lists>>
  begin
    exit lists when role = 'admin' or audience in ('any', 'own');
    if role = 'student' then
      if not s.visible then
        raise exception 'not visible' using errcode = 'WM404';
      end if;
      cohorts := nullif(s.student_cohorts::text, '{}');
      exit lists;
    end if;

    -- director, manager, staff
    if audience in ('casework', 'editors', 'progress', 'readers') and not s.visible then
      missing := {{schema}}.setup_missing();
      if missing <> '{}' then
        raise exception '%', array_to_string(missing, ',') using errcode = 'WM409';
      end if;
    end if;
    select coalesce(array_agg(m.group_id), '{}'), coalesce(array_agg(m.group_id) filter (where m.manager), '{}')
      into belonging, managing
      from {{schema}}.group_members m
      join {{schema}}.groups g on g.id = m.group_id and g.archived_at is null
     where m.account_id = account;
    if role = 'staff' then
      managing := '{}';                                                      -- the flag gives staff nothing
    elsif role = 'director' then
      select coalesce(array_agg(distinct d.department_id), '{}'),
             coalesce(array_agg(g.id) filter (where g.id is not null), '{}')
        into heading, directing
        from {{schema}}.department_directors d
        left join {{schema}}.groups g on g.department_id = d.department_id and g.archived_at is null
       where d.account_id = account;
      managing := array(select unnest(managing) union select unnest(directing));
      departments := heading::text;
      directed := directing::text;
    end if;
    seeing := array(select unnest(belonging) union select unnest(directing));
    groups := seeing::text;
    managed := managing::text;

    if audience in ('staff', 'groups', 'members') then
      if role <> 'staff' then
        select array_agg(distinct m.account_id)::text into members
          from {{schema}}.group_members m where m.group_id = any (managing);
      end if;
      exit lists;
    end if;
    select array_agg(distinct l.cohort_id),
           array_agg(distinct l.cohort_id) filter (where l.group_id = any (belonging)),
           array_agg(distinct l.cohort_id) filter (where l.group_id = any (managing))
      into cohort_list, acting_list, editable_list
      from {{schema}}.cohort_groups l
      join {{schema}}.cohorts c on c.id = l.cohort_id and c.archived_at is null
     where l.group_id = any (seeing);
    if s.delegated and role in ('director', 'manager') then
      -- a cohort one has just made has no group yet; until the first is attached it stays with its maker, and does not
      -- come back when the last is detached
      new_list := array(select c.id from {{schema}}.cohorts c
                         where c.created_by = account and c.archived_at is null
                           and not exists (select from {{schema}}.cohort_groups l where l.cohort_id = c.id)
                           and not exists (select from {{schema}}.audit x
                                            where x.subject = 'cohort/' || c.id and x.action = 'attachment.create'));
      cohort_list := cohort_list || new_list;
      editable := coalesce(editable_list || new_list, '{}')::text;
    end if;
    cohorts := cohort_list::text;
    acting := acting_list::text;
  end lists;

  -- Since most are empty for most callers, only what is not is set; but what was there before is cleared, not trusted.
  if pg_catalog.concat(
       pg_catalog.current_setting('waymark.token_id', true),
       pg_catalog.current_setting('waymark.cohort_ids', true),
       pg_catalog.current_setting('waymark.acting_cohort_ids', true),
       pg_catalog.current_setting('waymark.editable_cohort_ids', true),
       pg_catalog.current_setting('waymark.group_ids', true),
       pg_catalog.current_setting('waymark.managed_group_ids', true),
       pg_catalog.current_setting('waymark.directed_group_ids', true),
       pg_catalog.current_setting('waymark.department_ids', true),
       pg_catalog.current_setting('waymark.member_ids', true)) <> '' then
    done := pg_catalog.concat(
      pg_catalog.set_config('waymark.token_id', '', true),
      pg_catalog.set_config('waymark.cohort_ids', '', true),
      pg_catalog.set_config('waymark.acting_cohort_ids', '', true),
      pg_catalog.set_config('waymark.editable_cohort_ids', '', true),
      pg_catalog.set_config('waymark.group_ids', '', true),
      pg_catalog.set_config('waymark.managed_group_ids', '', true),
      pg_catalog.set_config('waymark.directed_group_ids', '', true),
      pg_catalog.set_config('waymark.department_ids', '', true),
      pg_catalog.set_config('waymark.member_ids', '', true));
  end if;
  done := pg_catalog.set_config('waymark.account_id', account::text, true);
  if cohorts is not null then
    done := pg_catalog.set_config('waymark.cohort_ids', cohorts, true);
  end if;
  if token_id is not null then
    done := pg_catalog.set_config('waymark.token_id', token_id::text, true);
  end if;
  if role <> 'student' and role <> 'admin' then
    done := pg_catalog.concat(
      pg_catalog.set_config('waymark.acting_cohort_ids', coalesce(acting, ''), true),
      pg_catalog.set_config('waymark.editable_cohort_ids', coalesce(editable, ''), true),
      pg_catalog.set_config('waymark.group_ids', coalesce(groups, ''), true),
      pg_catalog.set_config('waymark.managed_group_ids', coalesce(managed, ''), true),
      pg_catalog.set_config('waymark.directed_group_ids', coalesce(directed, ''), true),
      pg_catalog.set_config('waymark.department_ids', coalesce(departments, ''), true),
      pg_catalog.set_config('waymark.member_ids', coalesce(members, ''), true));
  end if;
  return role;
end $$;

-- enter: invoker's rights, because SET ROLE is refused inside a definer function; no SET clause, because it would undo
-- search_path. `who` as an expression and static commands: neither starts an executor. The role last, so that nothing
-- above runs with its rights.
create or replace function enter(token_hash bytea, audience text, writing boolean) returns int
language plpgsql volatile as $$
declare
  role text := {{schema}}.who(token_hash, audience, writing);
begin
  set local search_path = {{schema}}, pg_temp;
  case role
    when 'student' then set local role inst_{{id}}_student;
    when 'staff' then set local role inst_{{id}}_staff;
    when 'manager' then set local role inst_{{id}}_manager;
    when 'director' then set local role inst_{{id}}_director;
    when 'admin' then set local role inst_{{id}}_admin;
  end case;
  return pg_catalog.current_setting('waymark.account_id');
end $$;

-- Before anybody is known: sign-in, throttling, invitations. Leaves no scope behind.
create or replace function enter_gate() returns void language plpgsql volatile as $$
begin
  set local role inst_{{id}}_gate;
  set local search_path = {{schema}}, pg_temp;
  set local waymark.account_id = '';
  set local waymark.token_id = '';
  set local waymark.cohort_ids = '';
  set local waymark.acting_cohort_ids = '';
  set local waymark.editable_cohort_ids = '';
  set local waymark.group_ids = '';
  set local waymark.managed_group_ids = '';
  set local waymark.directed_group_ids = '';
  set local waymark.department_ids = '';
  set local waymark.member_ids = '';
  if (select x.suspended from {{schema}}.settings x) is distinct from false then
    raise exception 'institution suspended' using errcode = 'WM503';
  end if;
end $$;

-- Background work: reminders, and sweeping out what has expired or is kept no longer.
create or replace function enter_system() returns void language plpgsql volatile as $$
begin
  perform {{schema}}.enter_gate();
  set local role inst_{{id}}_system;
  perform {{schema}}.limit_retention();
end $$;

-- The turn of work that an institution does one at a time (imports), until the end of the transaction; waits for it as long
-- as lock_timeout allows. Definer: locking a row needs a right to change it.
create or replace function take_turn() returns void language plpgsql volatile security definer set search_path = '' as $$
begin
  perform from {{schema}}.turns t where t.work = 'import' for update;
end $$;

-- Says in the platform's directory when there is something to do for the institution next: a mail to be sent, a lease that
-- ends, somebody who wants another password, or a report for somebody; else the next day's reminders. Whoever changed one of these calls it last, in the same transaction: it locks the
-- row first and looks then, so that of two the later has seen what the earlier did. Definer: nobody else may write there.
create or replace function schedule_work() returns void language plpgsql volatile security definer set search_path = '' as $$
begin
  perform from waymark.institutions i where i.id = {{id}} for no key update;
  update waymark.institutions i set work_at = least(
      (select min(m.due_at) from {{schema}}.mails m where m.due_at is not null),
      (select min(r.asked_at) from {{schema}}.reset_requests r),
      (select min(waymark.next_weekly(r.weekday, r.hour, r.planned_until, s.time_zone))
         from {{schema}}.mailed_reports r cross join {{schema}}.settings s),
      (select case when t.done_on is null then now()
                else waymark.reminder_moment(t.done_on + 1, s.reminder_hour, s.time_zone) end
         from {{schema}}.turns t cross join {{schema}}.settings s where t.work = 'reminders'))
   where i.id = {{id}};
end $$;

grant execute on function who(bytea, text, boolean), enter(bytea, text, boolean), enter_gate(), enter_system()
  to {{app}};
grant execute on function take_turn() to inst_{{id}}_admin;
grant execute on function schedule_work() to inst_{{id}}_admin, inst_{{id}}_gate, inst_{{id}}_system;
