-- How far the institution is set up.

-- Cohorts in use; a sample only once a student has been in it.
create view counted_cohorts with (security_barrier) as
  select c.id, c.goal, c.planned_milestones
    from cohorts c
   where c.archived_at is null
     and (not exists (select from settings s where s.sample_cohort_id = c.id)
          or exists (select from enrollments e where e.cohort_id = c.id));

-- The keys of what is still missing; empty means ready: one cohort has a student, a saved milestone and an attached
-- group with a member whose published card tells a way to reach them. Where every piece exists but in different cohorts, it names what the
-- cohort that is furthest along lacks. Definer: it counts over rows the caller may not see, and tells nothing else.
create or replace function setup_missing() returns text[]
language plpgsql stable security definer set search_path = '' as $$
declare
  best record;
begin
  select x.assigned, x.planned, x.supported into best
    from (select exists (select from {{schema}}.enrollments e where e.cohort_id = c.id and e.active) as assigned,
                 exists (select from {{schema}}.milestones m where m.cohort_id = c.id and m.saved) as planned,
                 exists (select from {{schema}}.cohort_groups l
                           join {{schema}}.groups g on g.id = l.group_id and g.archived_at is null
                           join {{schema}}.group_members p on p.group_id = g.id
                           join {{schema}}.accounts a on a.id = p.account_id and a.status = 'active'
                           join {{schema}}.cards k on k.account_id = a.id and k.published and k.reachable
                          where l.cohort_id = c.id) as supported
            from {{schema}}.counted_cohorts c) x
   order by x.assigned::int + x.planned::int + x.supported::int desc
   limit 1;
  if best.assigned and best.planned and best.supported then
    return '{}';
  end if;
  return array_remove(array[
    case when not exists (select from {{schema}}.group_members p
                            join {{schema}}.groups g on g.id = p.group_id and g.archived_at is null
                            join {{schema}}.accounts a on a.id = p.account_id and a.status = 'active'
                            join {{schema}}.cards k on k.account_id = a.id and k.published and k.reachable)
      then 'groups-with-carded-members' end,
    case when not exists (select from {{schema}}.accounts a where a.role = 'student' and a.status <> 'archived')
      then 'student-accounts' end,
    case when best.assigned is null then 'cohorts' end,
    case when best.assigned is not true then 'students-assigned' end,
    case when best.planned is not true then 'milestones' end,
    case when best.supported is not true then 'support-groups-attached' end], null);
end $$;

-- One row for GET /setup: a count for every key, and what is missing for `ready`.
create view setup with (security_barrier) as
  select (select count(distinct p.group_id)
            from group_members p
            join groups g on g.id = p.group_id and g.archived_at is null
            join accounts a on a.id = p.account_id and a.status = 'active'
            join cards k on k.account_id = a.id and k.published and k.reachable)::int as groups_with_carded_members,
         (select count(*) from accounts where role = 'student' and status <> 'archived')::int as student_accounts,
         (select count(*) from counted_cohorts where goal <> '')::int as cohort_goals,
         (select count(*) from counted_cohorts where planned_milestones > 0)::int
           as planned_milestones,
         (select count(*) from counted_cohorts)::int as cohorts,
         (select count(distinct e.student_id)
            from enrollments e join cohorts c on c.id = e.cohort_id and c.archived_at is null
           where e.active)::int as students_assigned,
         (select count(*) from milestones m join counted_cohorts c on c.id = m.cohort_id where m.saved)::int as milestones,
         (select count(*)
            from cohort_groups l
            join counted_cohorts c on c.id = l.cohort_id
            join groups g on g.id = l.group_id and g.archived_at is null)::int as support_groups_attached,
         setup_missing() as missing,
         s.student_visibility
    from settings s;
