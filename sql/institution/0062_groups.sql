-- Departments, their directors, groups and who belongs to them.

-- One name is one name, in whatever form its letters were composed; so for groups, categories and cohorts too.
create table departments (
  id int not null generated always as identity,
  name text not null,
  version int not null default 1,
  constraint departments_pkey primary key (id),
  constraint departments_name_check check (char_length(name) between 1 and 200)
);
alter table departments enable row level security, force row level security;
create policy owner_all on departments to waymark_owner using (true) with check (true);
create unique index departments_name_key on departments (lower(normalize(name)));

-- account_role pins the role: who stops being a director must first lose the directorships. They go with the
-- department.
create table department_directors (
  department_id int not null,
  account_id int not null,
  account_role text not null default 'director',
  constraint department_directors_pkey primary key (department_id, account_id),
  constraint department_directors_department_id_fkey foreign key (department_id)
    references departments (id) on delete cascade,
  constraint department_directors_account_id_fkey foreign key (account_id, account_role)
    references accounts (id, role) on update cascade on delete restrict,
  constraint department_directors_account_role_check check (account_role = 'director')
);
alter table department_directors enable row level security, force row level security;
create policy owner_all on department_directors to waymark_owner using (true) with check (true);
create index department_directors_account_id_idx on department_directors (account_id);

create table groups (
  id int not null generated always as identity,
  name text not null,
  description text,
  department_id int,
  archived_at timestamptz,
  version int not null default 1,
  constraint groups_pkey primary key (id),
  constraint groups_department_id_fkey foreign key (department_id) references departments (id) on delete restrict,
  constraint groups_name_check check (char_length(name) between 1 and 200),
  constraint groups_description_check check (char_length(description) <= 10000)
);
alter table groups enable row level security, force row level security;
create policy owner_all on groups to waymark_owner using (true) with check (true);
-- case-blind in the whole institution: students see groups without their department
create unique index groups_name_key on groups (lower(normalize(name)));
create index groups_department_id_idx on groups (department_id);

-- The flag manager gives rights only to managers and directors: the role is the ceiling.
create table group_members (
  group_id int not null,
  account_id int not null,
  account_role text not null,
  manager boolean not null default false,
  constraint group_members_pkey primary key (group_id, account_id),
  constraint group_members_group_id_fkey foreign key (group_id) references groups (id) on delete restrict,
  constraint group_members_account_id_fkey foreign key (account_id, account_role)
    references accounts (id, role) on update cascade on delete restrict,
  constraint group_members_account_role_check check (account_role <> 'student')
);
alter table group_members enable row level security, force row level security;
create policy owner_all on group_members to waymark_owner using (true) with check (true);
create index group_members_account_id_idx on group_members (account_id);
