-- Categories, cohorts, the groups that support them and the students in them.

-- position: the place on the page Cohorts. Null: not put anywhere yet; such stand behind the others, by name. Not unique: one
-- statement moves one and numbers all.
create table cohort_categories (
  id int not null generated always as identity,
  name text not null,
  version int not null default 1,
  position int,
  constraint cohort_categories_pkey primary key (id),
  constraint cohort_categories_name_check check (char_length(name) between 1 and 200),
  constraint cohort_categories_position_check check (position > 0)
);
alter table cohort_categories enable row level security, force row level security;
create policy owner_all on cohort_categories to waymark_owner using (true) with check (true);
create unique index cohort_categories_name_key on cohort_categories (lower(normalize(name)));

-- created_by: a director or manager who makes a cohort by delegation keeps it until the first group is attached.
create table cohorts (
  id int not null generated always as identity,
  category_id int not null,
  name text not null,
  goal text,
  planned_milestones int,
  archived_at timestamptz,
  created_at timestamptz not null default now(),
  created_by int default waymark.account_id(),
  version int not null default 1,
  constraint cohorts_pkey primary key (id),
  constraint cohorts_category_id_fkey foreign key (category_id) references cohort_categories (id) on delete restrict,
  constraint cohorts_created_by_fkey foreign key (created_by) references accounts (id) on delete set null,
  constraint cohorts_name_check check (char_length(name) between 1 and 200),
  constraint cohorts_goal_check check (char_length(goal) <= 10000),
  constraint cohorts_planned_milestones_check check (planned_milestones between 0 and 1000)
);
alter table cohorts enable row level security, force row level security;
create policy owner_all on cohorts to waymark_owner using (true) with check (true);
create unique index cohorts_name_key on cohorts (category_id, lower(normalize(name)));
create index cohorts_created_by_idx on cohorts (created_by);

alter table settings add constraint settings_sample_cohort_id_fkey
  foreign key (sample_cohort_id) references cohorts (id) on delete set null;

create table cohort_groups (
  cohort_id int not null,
  group_id int not null,
  constraint cohort_groups_pkey primary key (cohort_id, group_id),
  constraint cohort_groups_cohort_id_fkey foreign key (cohort_id) references cohorts (id) on delete restrict,
  constraint cohort_groups_group_id_fkey foreign key (group_id) references groups (id) on delete restrict
);
alter table cohort_groups enable row level security, force row level security;
create policy owner_all on cohort_groups to waymark_owner using (true) with check (true);
create index cohort_groups_group_id_idx on cohort_groups (group_id);

-- Leaving sets left_at and keeps the row, so that rejoining brings the work back. `active` exists for foreign keys:
-- progress copies it and so vanishes for everybody but admins the moment its student leaves.
--
-- contact_id: the student's personal contact here, one of those who support the cohort, shown before all others. Whoever leaves
-- the groups stays named and is not shown, until somebody else is named.
create table enrollments (
  cohort_id int not null,
  student_id int not null,
  student_role text not null default 'student',
  joined_at timestamptz not null default now(),
  left_at timestamptz,
  active boolean not null generated always as (left_at is null) stored,
  contact_id int,
  constraint enrollments_pkey primary key (cohort_id, student_id),
  constraint enrollments_active_key unique (cohort_id, student_id, active),
  constraint enrollments_cohort_id_fkey foreign key (cohort_id) references cohorts (id) on delete restrict,
  constraint enrollments_student_id_fkey foreign key (student_id, student_role)
    references accounts (id, role) on update cascade on delete restrict,
  constraint enrollments_contact_id_fkey foreign key (contact_id) references accounts (id) on delete set null,
  constraint enrollments_student_role_check check (student_role = 'student')
);
alter table enrollments enable row level security, force row level security;
create policy owner_all on enrollments to waymark_owner using (true) with check (true);
create index enrollments_student_id_idx on enrollments (student_id);
create index enrollments_contact_id_idx on enrollments (contact_id);
