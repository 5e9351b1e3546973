-- What the operator sees of this institution among all (waymark.institution_overview). Definer: nobody else may write there.
create or replace function note_figures() returns void language sql volatile security definer set search_path = '' as $$
  insert into waymark.institution_figures as f
    (institution_id, students, staff, cohorts, bytes, signed_in_at, mails_waiting, mails_failed, roster_failed, folder_failed)
  select {{id}}, a.students, a.staff, (select count(*) from {{schema}}.cohorts c where c.archived_at is null),
         (select coalesce(sum(pg_catalog.pg_total_relation_size(r.oid)), 0) from pg_catalog.pg_class r
           where r.relnamespace = '{{schema}}'::regnamespace and r.relkind = 'r'),
         (select max(s.at) from {{schema}}.sign_ins s), m.waiting, m.failed,
         coalesce((select r.state = 'failed' from {{schema}}.roster_runs r cross join {{schema}}.roster_sources s
                    where s.enabled and r.state in ('done', 'failed') order by r.id desc limit 1), false),
         coalesce((select f.state = 'refused' from {{schema}}.folder_files f cross join {{schema}}.import_folders s
                    where s.enabled and f.state in ('done', 'refused') order by f.id desc limit 1), false)
    from (select count(*) filter (where role = 'student') as students, count(*) filter (where role <> 'student') as staff
            from {{schema}}.accounts where status <> 'archived') a,
         (select count(*) filter (where state in ('waiting', 'sending')) as waiting,
                 count(*) filter (where state = 'failed') as failed
            from {{schema}}.mails where due_at is not null or state = 'failed') m
  on conflict (institution_id) do update
    set noted_at = now(), students = excluded.students, staff = excluded.staff, cohorts = excluded.cohorts,
        bytes = excluded.bytes, signed_in_at = excluded.signed_in_at, mails_waiting = excluded.mails_waiting,
        mails_failed = excluded.mails_failed, roster_failed = excluded.roster_failed, folder_failed = excluded.folder_failed
$$;
grant execute on function note_figures() to inst_{{id}}_system;
