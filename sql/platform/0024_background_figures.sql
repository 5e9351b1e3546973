-- How background work stands in all institutions together: what each server and worker shows the operator's collector of metrics.
-- It tells numbers and names nobody, and reads the directory and the figures alone, no schema.

-- Whether what was tried last has failed. Institutions note it with their other figures (note_figures).
alter table waymark.institution_figures
  add column roster_failed boolean not null default false,
  add column folder_failed boolean not null default false;

-- One row. Seconds are those for which the oldest has been due, zero where none is. Sweeping is due where an institution has noted no
-- figures, with which its sweep ends, for 20 minutes: it comes every quarter of an hour, give or take a fifth.
create view waymark.background_figures with (security_barrier) as
  select coalesce(sum(x.mails_waiting), 0) as mails_waiting, coalesce(sum(x.mails_failed), 0) as mails_failed,
         extract(epoch from now() - least(min(x.work_at), now())) as mail_seconds,
         count(*) filter (where x.roster_at <= now()) as rosters_waiting, count(*) filter (where x.roster_failed) as rosters_failed,
         extract(epoch from now() - least(min(x.roster_at), now())) as roster_seconds,
         count(*) filter (where x.folder_failed) as folders_failed,
         count(*) filter (where x.sweep_at <= now()) as sweeps_waiting,
         extract(epoch from now() - least(min(x.sweep_at), now())) as sweep_seconds
    from (select i.work_at, i.roster_at, f.mails_waiting, f.mails_failed, f.roster_failed, f.folder_failed,
                 coalesce(f.noted_at, i.created_at) + interval '20 minutes' as sweep_at
            from waymark.institutions i left join waymark.institution_figures f on f.institution_id = i.id
           where i.state = 'active') x;

-- To the logins by name: a reporter is not to learn what others have. A login that comes later gets it from cluster/partition.sql.
do $$
declare
  service text;
begin
  for service in select rolname from pg_catalog.pg_roles where rolname ~ '^waymark_app_[0-9]+$' loop
    execute pg_catalog.format('grant select on waymark.background_figures to %I', service);
  end loop;
end $$;
