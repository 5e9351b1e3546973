-- Readers of what `enter` has set for this transaction. Policies, views and statements compare columns with them.
--
-- One SQL expression, STABLE, PARALLEL SAFE and without SET, so that each is inlined and serves as an index
-- condition. A reused connection holds '' instead of null: nullif, then deny. They answer only a service login
-- (session_user cannot be changed by one that is no superuser): elsewhere anybody may SET such a name. None reads a
-- table (Citus, speed).

create function waymark.is_service() returns boolean language sql stable parallel safe
  return session_user like 'waymark\_app\_%';

-- Who calls. token_id is null unless an API token is used.
create function waymark.account_id() returns int language sql stable parallel safe
  return case when session_user like 'waymark\_app\_%'
    then nullif(current_setting('waymark.account_id', true), '')::int end;
create function waymark.token_id() returns int language sql stable parallel safe
  return case when session_user like 'waymark\_app\_%'
    then nullif(current_setting('waymark.token_id', true), '')::int end;

-- The role is the database role itself. Inside views and policies current_user is still the caller.
create function waymark.account_role() returns text language sql stable parallel safe
  return case when session_user like 'waymark\_app\_%' then nullif(split_part(current_user, '_', 3), '') end;
create function waymark.is_admin() returns boolean language sql stable parallel safe
  return session_user like 'waymark\_app\_%' and current_user like 'inst\_%\_admin';
create function waymark.is_student() returns boolean language sql stable parallel safe
  return session_user like 'waymark\_app\_%' and current_user like 'inst\_%\_student';

-- Departments the caller directs.
create function waymark.department_ids() returns int[] language sql stable parallel safe
  return case when session_user like 'waymark\_app\_%'
    then nullif(current_setting('waymark.department_ids', true), '')::int[] end;
-- Groups the caller belongs to, manages or directs.
create function waymark.group_ids() returns int[] language sql stable parallel safe
  return case when session_user like 'waymark\_app\_%'
    then nullif(current_setting('waymark.group_ids', true), '')::int[] end;
-- Groups whose members the caller may change: managed, or in a department the caller directs.
create function waymark.managed_group_ids() returns int[] language sql stable parallel safe
  return case when session_user like 'waymark\_app\_%'
    then nullif(current_setting('waymark.managed_group_ids', true), '')::int[] end;
-- Groups in departments the caller directs: there the caller names managers.
create function waymark.directed_group_ids() returns int[] language sql stable parallel safe
  return case when session_user like 'waymark\_app\_%'
    then nullif(current_setting('waymark.directed_group_ids', true), '')::int[] end;
-- Accounts in those managed groups: whose cards the caller may keep.
create function waymark.member_ids() returns int[] language sql stable parallel safe
  return case when session_user like 'waymark\_app\_%'
    then nullif(current_setting('waymark.member_ids', true), '')::int[] end;

-- Cohorts the caller may see (a student: is in, while visible).
create function waymark.cohort_ids() returns int[] language sql stable parallel safe
  return case when session_user like 'waymark\_app\_%'
    then nullif(current_setting('waymark.cohort_ids', true), '')::int[] end;
-- Cohorts where the caller may answer, mark and waive.
create function waymark.acting_cohort_ids() returns int[] language sql stable parallel safe
  return case when session_user like 'waymark\_app\_%'
    then nullif(current_setting('waymark.acting_cohort_ids', true), '')::int[] end;
-- Cohorts a director or manager may edit; null where the institution does not delegate, '{}' where it does and none
-- is linked.
create function waymark.editable_cohort_ids() returns int[] language sql stable parallel safe
  return case when session_user like 'waymark\_app\_%'
    then nullif(current_setting('waymark.editable_cohort_ids', true), '')::int[] end;

-- Questions a statement asks to tell 403 from 404. Policies do not use them: they keep to one comparison each.
create function waymark.may_edit_cohorts() returns boolean language sql stable parallel safe
  return waymark.is_admin() or waymark.editable_cohort_ids() is not null;
create function waymark.may_edit_cohort(cohort int) returns boolean language sql stable parallel safe
  return waymark.is_admin() or coalesce(cohort = any (waymark.editable_cohort_ids()), false);
create function waymark.may_act_in_cohort(cohort int) returns boolean language sql stable parallel safe
  return waymark.is_admin() or coalesce(cohort = any (waymark.acting_cohort_ids()), false);
create function waymark.may_edit_group(department int) returns boolean language sql stable parallel safe
  return waymark.is_admin() or coalesce(department = any (waymark.department_ids()), false);
create function waymark.may_change_members(group_id int) returns boolean language sql stable parallel safe
  return waymark.is_admin() or coalesce(group_id = any (waymark.managed_group_ids()), false);
create function waymark.may_name_managers(group_id int) returns boolean language sql stable parallel safe
  return waymark.is_admin() or coalesce(group_id = any (waymark.directed_group_ids()), false);

grant execute on function
  waymark.is_service(), waymark.account_id(), waymark.token_id(), waymark.account_role(), waymark.is_admin(),
  waymark.is_student(), waymark.department_ids(), waymark.group_ids(), waymark.managed_group_ids(),
  waymark.directed_group_ids(), waymark.member_ids(), waymark.cohort_ids(), waymark.acting_cohort_ids(),
  waymark.editable_cohort_ids(), waymark.may_edit_cohorts(), waymark.may_edit_cohort(int),
  waymark.may_act_in_cohort(int), waymark.may_edit_group(int), waymark.may_change_members(int),
  waymark.may_name_managers(int)
to public;
