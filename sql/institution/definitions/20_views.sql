-- What a role may see of rows it has no policy for. The views belong to the owner (policy owner_all) and filter by
-- the same settings as the policies; security_barrier, so that no condition of the caller's runs before the filter.
-- Each filter stands alone in its branch: `is_admin() or cohort_id = any (...)` would lose the index. But no view is a
-- bare UNION ALL: PostgreSQL takes that apart, the barrier with it, and a condition of the caller's runs within each
-- branch on rows that it hides. Around it `select ... from (... union all ...) x` keeps the barrier, and the indexes.

-- Student: the cohorts the caller is in, with the category's name (students cannot read categories).
create view my_cohorts with (security_barrier) as
  select c.id, c.name, k.name as category, c.goal
    from cohorts c join cohort_categories k on k.id = c.category_id
   where c.id = any (waymark.cohort_ids());

-- Staff and above: the students of the cohorts in scope, of every cohort for an admin. One row for each membership. For
-- one cohort; over all in scope ask caseload. Who is archived is told by the index of those few, and accounts are
-- joined from the left, so that a mere count reads none of them.
create view my_students with (security_barrier) as
  select e.cohort_id, e.student_id as id, a.email, a.given_name, a.family_name, a.preferred_name, a.name, a.sort_name,
         a.search_text, a.student_number, a.status, a.version, e.joined_at
    from (select cohort_id, student_id, joined_at from enrollments
           where active and cohort_id = any (waymark.cohort_ids())
          union all
          select cohort_id, student_id, joined_at from enrollments where active and waymark.is_admin()) e
    left join accounts a on a.id = e.student_id
   where not exists (select from accounts g where g.id = e.student_id and g.status = 'archived');

-- One row for each student: of an admin all, archived ones too; of staff those in scope; of a student the caller.
create view students with (security_barrier) as
  select x.id, x.email, x.given_name, x.family_name, x.preferred_name, x.name, x.sort_name, x.status, x.student_number,
         x.version
    from (select a.id, a.email, a.given_name, a.family_name, a.preferred_name, a.name, a.sort_name, a.status,
                 a.student_number, a.version
            from accounts a
           where a.role = 'student' and a.status <> 'archived' and not waymark.is_student()
             and exists (select from enrollments e
                          where e.student_id = a.id and e.active and e.cohort_id = any (waymark.cohort_ids()))
          union all
          select a.id, a.email, a.given_name, a.family_name, a.preferred_name, a.name, a.sort_name, a.status,
                 a.student_number, a.version
            from accounts a where a.role = 'student' and waymark.is_admin()
          union all
          select a.id, a.email, a.given_name, a.family_name, a.preferred_name, a.name, a.sort_name, a.status,
                 a.student_number, a.version
            from accounts a where a.role = 'student' and a.id = waymark.account_id() and waymark.is_student()) x;

-- Staff and above: one row for each student in scope (admin: each student), for lists over the whole scope. The planner
-- cannot know how many a scope has, so there is a branch for few cohorts, whose students are looked up one by one, and one
-- for many, where all accounts are read once (a director's 20,000 students: 26 ms, looked up 51).
create view caseload with (security_barrier) as
  select x.id, x.email, x.name, x.sort_name, x.search_text, x.student_number, g.at as signed_in_at
    from (select a.id, a.email, a.name, a.sort_name, a.search_text, a.student_number
            from accounts a
           where a.status <> 'archived' and cardinality(waymark.cohort_ids()) <= 20
             and a.id = any (array(select e.student_id from enrollments e
                                    where e.active and e.cohort_id = any (waymark.cohort_ids())))
          union all
          select a.id, a.email, a.name, a.sort_name, a.search_text, a.student_number
            from accounts a
           where a.role = 'student' and a.status <> 'archived' and cardinality(waymark.cohort_ids()) > 20
             and a.id in (select e.student_id from enrollments e
                           where e.active and e.cohort_id = any (waymark.cohort_ids()))
          union all
          select a.id, a.email, a.name, a.sort_name, a.search_text, a.student_number
            from accounts a where a.role = 'student' and a.status <> 'archived' and waymark.is_admin()) x
    left join sign_ins g on g.account_id = x.id;

-- Staff and above: the progress in scope, to be counted over all of it. The lists are compared once, with the few milestones,
-- and not again for each of 200,000 rows as the policy does; and as an array the milestones are looked up in an index that
-- has all that is counted.
create view caseload_progress with (security_barrier) as
  select p.cohort_id, p.milestone_id, p.student_id, p.status, m.due_on, m.due_after_days
    from progress p left join milestones m on m.id = p.milestone_id
   where p.enrolled
     and p.milestone_id = any (array(
       select x.id from milestones x join cohorts c on c.id = x.cohort_id and c.archived_at is null
        where x.saved and (waymark.is_admin() or c.id = any (waymark.cohort_ids()))));

-- Staff and above: the extensions in scope, few beside the progress, by which its counts are put right. `granted_on` is what
-- was granted, the others as in `caseload_progress`.
create view caseload_extensions with (security_barrier) as
  select x.cohort_id, x.milestone_id, x.student_id, x.due_on as granted_on, coalesce(p.status, 'open') as status,
         m.due_on, m.due_after_days
    from (select c.id from cohorts c where c.archived_at is null and c.id = any (waymark.cohort_ids())
          union all
          select c.id from cohorts c where c.archived_at is null and waymark.is_admin()) k
    join extensions x on x.cohort_id = k.id and x.enrolled and x.due_on is not null
    join milestones m on m.id = x.milestone_id and m.saved
    left join progress p on p.milestone_id = x.milestone_id and p.student_id = x.student_id;

-- Staff and above: each step that somebody else took on a student's milestone; the last one is the last contact.
create view contacts with (security_barrier) as
  select v.cohort_id, v.student_id, v.at
    from progress_events v
   where v.enrolled and v.actor_id <> v.student_id
     and v.cohort_id = any (array(
       select c.id from cohorts c
        where c.archived_at is null and (waymark.is_admin() or c.id = any (waymark.cohort_ids()))));

-- Why somebody who is no admin sees a student: the groups of the caller that support a cohort of the student's.
create view reasons with (security_barrier) as
  select e.student_id, l.cohort_id, l.group_id
    from cohort_groups l join enrollments e on e.cohort_id = l.cohort_id and e.active
   where l.cohort_id = any (waymark.cohort_ids()) and l.group_id = any (waymark.group_ids());

-- Everybody: who works here; to students only those with a published card. Card columns are null unless it is
-- published. search_name is what a search looks into; only
-- colleagues find people by what is not shown too: e-mail address, number, and the given name beside a preferred one.
create view directory with (security_barrier) as
  select a.id, a.role, a.name, a.given_name, a.family_name, a.sort_name,
         case when waymark.is_student() then waymark.folded(a.name) else a.search_text end as search_name,
         k.account_id is not null as carded, k.title, k.office, k.phone, k.location, k.biography, k.hours,
         k.booking_url, k.email
    from accounts a left join cards k on k.account_id = a.id and k.published
   where a.role <> 'student' and a.status = 'active' and (k.account_id is not null or not waymark.is_student());

-- Everybody: which groups the people of the directory belong to.
create view memberships with (security_barrier) as
  select m.account_id, m.group_id, g.name as group_name
    from group_members m
    join groups g on g.id = m.group_id and g.archived_at is null
    join accounts a on a.id = m.account_id and a.status = 'active'
    left join cards k on k.account_id = a.id and k.published
   where k.account_id is not null or not waymark.is_student();

-- Who keeps a group (admin, its department's directors, its managers): all its members, suspended ones too.
create view group_people with (security_barrier) as
  select m.group_id, a.id as account_id, a.name, a.role, a.status, m.manager,
         k.account_id is not null as carded, k.title, k.office, k.phone, k.location, k.biography, k.hours,
         k.booking_url, k.email
    from (select group_id, account_id, manager from group_members where group_id = any (waymark.managed_group_ids())
          union all
          select group_id, account_id, manager from group_members where waymark.is_admin()) m
    join accounts a on a.id = m.account_id
    left join cards k on k.account_id = a.id and k.published;

-- The members of the groups attached to the caller's cohorts (of all, for an admin). Students have `my_support_network`;
-- that they may read this one too, published cards only, is for servers of the version before, and goes with the version
-- after this one. Groups nobody belongs to have no row: staff roles find them in cohort_groups.
create view support_network with (security_barrier) as
  select x.cohort_id, x.group_id, x.group_name, x.account_id, x.name, x.sort_name, x.manager,
         x.card_id is not null as carded, x.title, x.office, x.phone, x.location, x.biography, x.hours, x.booking_url,
         x.email
    from (select l.cohort_id, l.group_id, g.name as group_name, a.id as account_id, a.name, a.sort_name, m.manager,
                 k.account_id as card_id, k.title, k.office, k.phone, k.location, k.biography, k.hours, k.booking_url,
                 k.email
            from cohort_groups l
            join groups g on g.id = l.group_id and g.archived_at is null
            join group_members m on m.group_id = g.id
            join accounts a on a.id = m.account_id and a.status = 'active'
            left join cards k on k.account_id = a.id and k.published
           where l.cohort_id = any (waymark.cohort_ids()) and (k.account_id is not null or not waymark.is_student())
          union all
          select l.cohort_id, l.group_id, g.name, a.id, a.name, a.sort_name, m.manager, k.account_id, k.title, k.office,
                 k.phone, k.location, k.biography, k.hours, k.booking_url, k.email
            from cohort_groups l
            join groups g on g.id = l.group_id and g.archived_at is null
            join group_members m on m.group_id = g.id
            join accounts a on a.id = m.account_id and a.status = 'active'
            left join cards k on k.account_id = a.id and k.published
           where waymark.is_admin()) x;

-- Student: the same for the dashboard, each member of a group once however many of the caller's cohorts it supports. The
-- groups come first, as an array, so that nothing has to be made unique by all its columns; and no other role has a branch
-- in it, which would be started for nothing (60 us, with `support_network` 83).
create view my_support_network with (security_barrier) as
  select g.id as group_id, g.name as group_name, a.id as account_id, a.name, a.sort_name, true as carded,
         k.title, k.office, k.phone, k.location, k.biography, k.hours, k.booking_url, k.email
    from groups g
    join group_members m on m.group_id = g.id
    join accounts a on a.id = m.account_id and a.status = 'active'
    join cards k on k.account_id = a.id and k.published
   where g.archived_at is null
     and g.id = any (array(select l.group_id from cohort_groups l where l.cohort_id = any (waymark.cohort_ids())));

-- Students x saved milestones, whatever has happened: no row in progress is `open`. Invoker's rights: row security
-- of the caller decides, so a student gets the own rows, staff those in scope, an admin all.
-- (`limit 1`, so that today is not computed anew for each row: an admin's overview 157 ms of CPU, without it 180.)
create view assignments with (security_invoker) as
  select x.cohort_id, x.student_id, x.milestone_id, x.title, x.description, x.due_on, x.completion, x.status,
         waymark.is_overdue(x.due_on, x.today, x.status) as overdue,
         x.comment, x.updated_at, x.version, x.today, x.regular_due_on, x.extension, x.granted_on, x.asked_for,
         x.extension_comment, x.extension_version, x.shared_id
    from (select e.cohort_id, e.student_id, m.id as milestone_id, m.title, m.description, m.completion, m.shared_id,
                 waymark.due_on(m.due_on, m.due_after_days, waymark.day_of(e.joined_at, s.time_zone), x.due_on) as due_on,
                 waymark.due_on(m.due_on, m.due_after_days, waymark.day_of(e.joined_at, s.time_zone)) as regular_due_on,
                 coalesce(p.status, 'open') as status, p.comment, p.updated_at, coalesce(p.version, 0) as version,
                 s.today, x.status as extension, x.due_on as granted_on, x.asked_for, x.comment as extension_comment,
                 x.version as extension_version
            from (select time_zone, waymark.day_of(now(), time_zone) as today from settings limit 1) s
           cross join enrollments e
            join milestones m on m.cohort_id = e.cohort_id and m.saved
            left join progress p on p.milestone_id = m.id and p.student_id = e.student_id
            left join extensions x on x.milestone_id = m.id and x.student_id = e.student_id
           where e.active) x;

-- Staff and above: the requests that the caller may answer. With the owner's rights, so that the lists are compared
-- once, in the index of what waits. Students' names are not in it: a page needs them of its own rows only (`students`).
create view waiting with (security_barrier) as
  select p.cohort_id, p.milestone_id, p.student_id, c.name as cohort, m.title,
         waymark.due_on(m.due_on, m.due_after_days, waymark.day_of(e.joined_at, s.time_zone), x.due_on) as due_on,
         p.comment, p.updated_at, p.version, m.shared_id
    from (select cohort_id, milestone_id, student_id, comment, updated_at, version from progress
           where status = 'submitted' and enrolled and cohort_id = any (waymark.acting_cohort_ids())
          union all
          select cohort_id, milestone_id, student_id, comment, updated_at, version from progress
           where status = 'submitted' and enrolled and waymark.is_admin()) p
    join milestones m on m.id = p.milestone_id and m.saved
    join cohorts c on c.id = p.cohort_id and c.archived_at is null
    left join enrollments e on e.cohort_id = p.cohort_id and e.student_id = p.student_id
    left join extensions x on x.milestone_id = p.milestone_id and x.student_id = p.student_id
   cross join (select time_zone from settings limit 1) s
   where not exists (select from accounts a where a.id = p.student_id and a.status = 'archived');

-- Staff and above: the requests for a later date that the caller may answer, of what the student has yet to do.
create view waiting_extensions with (security_barrier) as
  select x.cohort_id, x.milestone_id, x.student_id, c.name as cohort, m.title,
         waymark.due_on(m.due_on, m.due_after_days, waymark.day_of(e.joined_at, s.time_zone)) as regular_due_on,
         x.due_on as granted_on, x.asked_for, x.comment, x.updated_at, x.version, m.shared_id
    from (select cohort_id, milestone_id, student_id, due_on, asked_for, comment, updated_at, version from extensions
           where status = 'asked' and enrolled and cohort_id = any (waymark.acting_cohort_ids())
          union all
          select cohort_id, milestone_id, student_id, due_on, asked_for, comment, updated_at, version from extensions
           where status = 'asked' and enrolled and waymark.is_admin()) x
    join milestones m on m.id = x.milestone_id and m.saved
    join cohorts c on c.id = x.cohort_id and c.archived_at is null
    join enrollments e on e.cohort_id = x.cohort_id and e.student_id = x.student_id
   cross join (select time_zone from settings limit 1) s
   where not exists (select from accounts a where a.id = x.student_id and a.status = 'archived')
     and not exists (select from progress p
                      where p.milestone_id = x.milestone_id and p.student_id = x.student_id
                        and p.status in ('submitted', 'completed', 'waived'));

-- Student: the same of the caller alone. With the owner's rights the lists are compared once, at the enrollment, and not
-- again for each table and row. For servers of the version before; it goes with the version after this one, which has
-- `my_progress` and what it keeps.
create view my_assignments with (security_barrier) as
  select x.cohort_id, x.milestone_id, x.title, x.description, x.due_on, x.completion, x.status,
         waymark.is_overdue(x.due_on, x.today, x.status) as overdue,
         x.comment, x.updated_at, x.version
    from (select e.cohort_id, m.id as milestone_id, m.title, m.description, m.completion,
                 waymark.due_on(m.due_on, m.due_after_days, waymark.day_of(e.joined_at, s.time_zone), x.due_on) as due_on,
                 coalesce(p.status, 'open') as status, p.comment, p.updated_at, coalesce(p.version, 0) as version,
                 waymark.day_of(now(), s.time_zone) as today
            from (select time_zone from settings limit 1) s
           cross join enrollments e
            join milestones m on m.cohort_id = e.cohort_id and m.saved
            left join progress p on p.milestone_id = m.id and p.student_id = e.student_id
            left join extensions x on x.milestone_id = m.id and x.student_id = e.student_id
           where e.active and e.student_id = waymark.account_id() and e.cohort_id = any (waymark.cohort_ids())) x;

-- Student: what is the caller's own of a dashboard, where the rest is kept: one row for each milestone with progress, and
-- for each cohort without any. With each the state of the rest (`content`), for exactly which cohorts it is the caller's
-- (`cohorts`), and today in the institution's zone. A milestone with an extension and no progress is open.
create view my_progress with (security_barrier) as
  select s.content, s.cohorts, s.today, e.cohort_id, waymark.day_of(e.joined_at, s.time_zone) as joined_on,
         p.milestone_id, p.status, p.comment, p.version, e.contact_id, p.granted_on, p.extension, p.asked_for,
         p.extension_comment, p.extension_version
    from (select content::text, waymark.cohort_ids()::text as cohorts, time_zone,
                 waymark.day_of(now(), time_zone) as today
            from settings limit 1) s
   cross join enrollments e
    left join (select p.cohort_id, p.milestone_id, p.status, p.comment, p.version, x.due_on as granted_on,
                      x.status as extension, x.asked_for, x.comment as extension_comment, x.version as extension_version
                 from progress p
                 left join extensions x on x.milestone_id = p.milestone_id and x.student_id = p.student_id
                where p.student_id = waymark.account_id()
               union all
               select x.cohort_id, x.milestone_id, 'open', null, 0, x.due_on, x.status, x.asked_for, x.comment, x.version
                 from extensions x
                where x.student_id = waymark.account_id()
                  and not exists (select from progress p
                                   where p.milestone_id = x.milestone_id and p.student_id = x.student_id)) p
      on p.cohort_id = e.cohort_id
   where e.active and e.student_id = waymark.account_id() and e.cohort_id = any (waymark.cohort_ids());

-- Who may edit cohorts: on which milestones students have worked or have an extension, also students who have left and whom
-- the caller does not see. Such a milestone can be retired and not deleted.
create view worked_milestones with (security_barrier) as
  select x.cohort_id, x.milestone_id
    from (select m.cohort_id, m.id as milestone_id from milestones m where m.cohort_id = any (waymark.editable_cohort_ids())
          union all
          select m.cohort_id, m.id from milestones m where waymark.is_admin()) x
   where exists (select from progress p where p.milestone_id = x.milestone_id)
      or exists (select from extensions t where t.milestone_id = x.milestone_id);

-- Staff and above: to how many students reminders of a milestone went, by the days that the mails stood for: those after
-- `since`, up to `day`.
create view sent_reminders with (security_barrier) as
  select x.cohort_id, x.milestone_id, l.since, l.day, count(*)::int as students
    from (select m.cohort_id, m.id as milestone_id from milestones m where m.cohort_id = any (waymark.cohort_ids())
          union all
          select m.cohort_id, m.id from milestones m where waymark.is_admin()) x
    join mails l on l.state = 'sent' and l.milestone_ids @> array[x.milestone_id]
   group by x.cohort_id, x.milestone_id, l.since, l.day;

-- Staff and above: with which cohorts a milestone is shared. Of those out of scope nothing is told but that there are some.
create view sharing with (security_barrier) as
  select x.cohort_id, x.milestone_id, o.id as other_id,
         case when x.sees_all or o.cohort_id = any (waymark.cohort_ids()) then o.cohort_id end as other_cohort_id,
         case when x.sees_all or o.cohort_id = any (waymark.cohort_ids()) then c.name end as cohort
    from (select m.cohort_id, m.id as milestone_id, m.shared_id, false as sees_all
            from milestones m where m.cohort_id = any (waymark.cohort_ids())
          union all
          select m.cohort_id, m.id, m.shared_id, true from milestones m where waymark.is_admin()) x
    join milestones o on o.shared_id = x.shared_id and o.id <> x.milestone_id
    join cohorts c on c.id = o.cohort_id;

-- Who may add files: how full the institution's quota is.
create view file_usage with (security_barrier) as
  select f.bytes, s.file_quota_bytes as quota from settings s cross join file_space f;

-- Admins: how far each person's invitation is. none, sending (on its way), failed (the mail could not be sent), invited,
-- expired (nobody used it), accepted (there is a password). at: since when; expires_at: until when the newest link works.
create view invitation_states with (security_barrier) as
  select a.id as account_id,
         case when a.password_hash is not null then 'accepted'
              when m.state in ('waiting', 'sending') then 'sending'
              when m.state = 'failed' and coalesce(i.created_at <= m.settled_at, true) then 'failed'
              when i.expires_at > now() then 'invited'
              when i.expires_at is not null then 'expired'
              else 'none' end as state,
         case when a.password_hash is not null then u.used_at
              when m.state = 'failed' and coalesce(i.created_at <= m.settled_at, true) then m.settled_at
              else i.created_at end as at,
         case when a.password_hash is null then i.expires_at end as expires_at
    from accounts a
    left join lateral (
      select l.created_at, l.expires_at from invitations l
       where l.account_id = a.id and l.kind = 'invitation' and l.used_at is null
       order by l.created_at desc limit 1) i on true
    left join lateral (
      select max(l.used_at) as used_at from invitations l where l.account_id = a.id and l.kind = 'invitation') u on true
    left join lateral (
      select l.state, l.settled_at from mails l where l.account_id = a.id and l.kind = 'invitation'
       order by l.day desc limit 1) m on true;
