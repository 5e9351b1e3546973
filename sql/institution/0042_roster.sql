-- Rosters of OneRoster: what their sourcedIds stand for here, and what an admin has ruled about them.

-- What a roster's object is here. `suspended`: the roster has suspended the person, and may let them in again; whom an admin
-- has suspended stays so. An enrollment is both a person and a cohort, and only what a roster has enrolled is ended by one.
create table roster_records (
  kind text not null,
  sourced_id text not null,
  department_id int,
  account_id int,
  cohort_id int,
  suspended boolean not null default false,
  constraint roster_records_pkey primary key (kind, sourced_id),
  constraint roster_records_department_id_fkey foreign key (department_id) references departments (id) on delete cascade,
  constraint roster_records_account_id_fkey foreign key (account_id) references accounts (id) on delete cascade,
  constraint roster_records_cohort_id_fkey foreign key (cohort_id) references cohorts (id) on delete cascade,
  constraint roster_records_kind_check check (kind in ('org', 'user', 'class', 'enrollment')),
  constraint roster_records_sourced_id_check check (char_length(sourced_id) between 1 and 255),
  constraint roster_records_object_check check (
    (department_id is not null) = (kind = 'org') and (account_id is not null) = (kind in ('user', 'enrollment'))
    and (cohort_id is not null) = (kind in ('class', 'enrollment'))),
  constraint roster_records_suspended_check check (kind = 'user' or not suspended)
);
alter table roster_records enable row level security;
alter table roster_records force row level security;
create policy owner_all on roster_records to waymark_owner using (true) with check (true);
create index roster_records_department_id_idx on roster_records (department_id);
create index roster_records_account_id_idx on roster_records (account_id);
create index roster_records_cohort_id_idx on roster_records (cohort_id, account_id);
create unique index roster_records_account_id_key on roster_records (account_id) where kind = 'user';
create unique index roster_records_cohort_id_key on roster_records (cohort_id) where kind = 'class';

-- One row. What people of a role in the roster become here; null: they are left out. Students are always students, and nobody
-- is an admin by a roster. Classes become cohorts of `category_id`: of a type only and with a text in their title or code, where
-- that is said; none where it is null.
create table roster_rules (
  id int not null default 1,
  administrator text,
  aide text,
  counselor text,
  principal text,
  proctor text,
  teacher text,
  category_id int,
  class_type text,
  class_text text,
  version int not null default 1,
  constraint roster_rules_pkey primary key (id),
  constraint roster_rules_category_id_fkey foreign key (category_id) references cohort_categories (id) on delete set null,
  constraint roster_rules_id_check check (id = 1),
  constraint roster_rules_administrator_check check (administrator in ('director', 'manager', 'staff')),
  constraint roster_rules_aide_check check (aide in ('director', 'manager', 'staff')),
  constraint roster_rules_counselor_check check (counselor in ('director', 'manager', 'staff')),
  constraint roster_rules_principal_check check (principal in ('director', 'manager', 'staff')),
  constraint roster_rules_proctor_check check (proctor in ('director', 'manager', 'staff')),
  constraint roster_rules_teacher_check check (teacher in ('director', 'manager', 'staff')),
  constraint roster_rules_class_type_check check (class_type in ('homeroom', 'scheduled')),
  constraint roster_rules_class_text_check check (char_length(class_text) between 1 and 200)
);
alter table roster_rules enable row level security;
alter table roster_rules force row level security;
create policy owner_all on roster_rules to waymark_owner using (true) with check (true);
create index roster_rules_category_id_idx on roster_rules (category_id);
insert into roster_rules (id) values (1);
