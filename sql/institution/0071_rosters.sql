-- Rosters of OneRoster: what their sourcedIds stand for here, what an admin has ruled about them, and where they are fetched from.

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
alter table roster_records enable row level security, force row level security;
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
alter table roster_rules enable row level security, force row level security;
create policy owner_all on roster_rules to waymark_owner using (true) with check (true);
create index roster_rules_category_id_idx on roster_rules (category_id);
insert into roster_rules (id) values (1);

-- Where the institution's roster is fetched from: a OneRoster server, asked every few hours, counted from one that admins choose. One
-- row, like the settings. The secret is sealed, so that the row alone opens nothing.
-- done_at: up to when that has been done; done_on: the same by the day, for the version before, which asks once a day. read_to: the
-- newest change that was taken in, by the server's clock. whole_at: when a run last began that took in all there is, and
-- rules_version: by which rules. Changes alone are asked for where these say so.
create table roster_sources (
  id int not null default 1,
  enabled boolean not null default false,
  base_url text,
  token_url text,
  client_id text,
  sealed_secret text,
  scope text,
  hour int not null default 3,
  suspends_missing boolean not null default true,
  partial boolean not null default true,
  done_on date,
  read_to timestamptz,
  whole_at timestamptz,
  rules_version int,
  version int not null default 1,
  every_hours int not null default 24,
  done_at timestamptz,
  constraint roster_sources_pkey primary key (id),
  constraint roster_sources_id_check check (id = 1),
  constraint roster_sources_enabled_check check (
    not enabled or base_url is not null and token_url is not null and client_id is not null),
  constraint roster_sources_base_url_check check (char_length(base_url) between 1 and 500),
  constraint roster_sources_token_url_check check (char_length(token_url) between 1 and 500),
  constraint roster_sources_client_id_check check (char_length(client_id) between 1 and 500),
  constraint roster_sources_scope_check check (char_length(scope) between 1 and 1000),
  constraint roster_sources_hour_check check (hour between 0 and 23),
  constraint roster_sources_every_hours_check check (every_hours in (1, 2, 3, 4, 6, 12, 24))
);
alter table roster_sources enable row level security, force row level security;
create policy owner_all on roster_sources to waymark_owner using (true) with check (true);
insert into roster_sources (id) values (1);

-- Each time that it was fetched, or is to be. One is open at most:
--   waiting -> running -> done | failed; back to waiting where its worker is stopped
-- account_id: who wanted it; null: the hour had come. whole: all there is is wanted, and then whether it was. short: the server
-- gave less than it said there is, so nobody counts as missing. most_suspended: the yes to so many people.
create table roster_runs (
  id int not null generated always as identity,
  state text not null default 'waiting',
  account_id int default waymark.account_id(),
  whole boolean not null default false,
  short boolean not null default false,
  most_suspended int,
  asked_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,
  lease uuid,
  lease_ends_at timestamptz,
  records int not null default 0,
  added int not null default 0,
  updated int not null default 0,
  unchanged int not null default 0,
  failed int not null default 0,
  skipped int not null default 0,
  suspended int not null default 0,
  leaving int not null default 0,
  fault text,
  detail text,
  fault_count int,
  fault_most int,
  problems text[] not null default '{}',
  constraint roster_runs_pkey primary key (id),
  constraint roster_runs_account_id_fkey foreign key (account_id) references accounts (id) on delete set null,
  constraint roster_runs_state_check check (state in ('waiting', 'running', 'done', 'failed')),
  constraint roster_runs_lease_check check (
    (lease is not null) = (state = 'running') and (lease_ends_at is not null) = (state = 'running')),
  constraint roster_runs_ended_at_check check ((ended_at is not null) = (state in ('done', 'failed'))),
  constraint roster_runs_most_suspended_check check (most_suspended >= 0),
  constraint roster_runs_fault_check check ((fault is not null) = (state = 'failed') and char_length(fault) between 1 and 50),
  constraint roster_runs_detail_check check (char_length(detail) <= 1000),
  constraint roster_runs_problems_check check (cardinality(problems) <= 50 and array_position(problems, null) is null)
);
alter table roster_runs enable row level security, force row level security;
create policy owner_all on roster_runs to waymark_owner using (true) with check (true);
create index roster_runs_account_id_idx on roster_runs (account_id);
create unique index roster_runs_open_key on roster_runs ((state in ('waiting', 'running'))) where state in ('waiting', 'running');
