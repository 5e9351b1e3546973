-- The institution's settings, its people and their cards.
-- Applied once, in one transaction, as waymark_owner with search_path = {{schema}}, pg_temp.

create schema {{schema}};

-- One row. `suspended` stands here and not in the platform's directory, because `enter` reads this schema only.
create table settings (
  id int not null default 1,
  name text not null default '',
  suspended boolean not null default false,
  student_visibility boolean not null default false,
  cohort_delegation boolean not null default false,
  time_zone text not null default 'UTC',
  reminder_hour int not null default 8,
  session_idle_minutes int not null default 30,
  session_absolute_minutes int not null default 720,
  file_quota_bytes bigint not null default 5368709120,
  version int not null default 1,
  constraint settings_pkey primary key (id),
  constraint settings_id_check check (id = 1),
  constraint settings_name_check check (char_length(name) <= 200),
  -- an unknown zone fails here once, and not in every query that computes a due date
  constraint settings_time_zone_check check (timestamp '2000-01-01 00:00' at time zone time_zone is not null),
  constraint settings_reminder_hour_check check (reminder_hour between 0 and 23),
  constraint settings_session_idle_minutes_check check (session_idle_minutes between 1 and 10080),
  constraint settings_session_absolute_minutes_check check (session_absolute_minutes between 1 and 43200),
  constraint settings_file_quota_bytes_check check (file_quota_bytes >= 0)
);
alter table settings enable row level security;
alter table settings force row level security;
create policy owner_all on settings to waymark_owner using (true) with check (true);
insert into settings (id) values (1);

-- People. family_name may be empty: not everybody has one. name, sort_name and search_text are what lists show,
-- sort by and search in, so that every list does it alike (search_text like '%' || lower(q) || '%' uses the trigram
-- index).
create table accounts (
  id int not null generated always as identity,
  email text not null,
  given_name text not null,
  family_name text not null default '',
  role text not null,
  status text not null default 'active',
  student_number text,
  password_hash text,
  created_at timestamptz not null default now(),
  version int not null default 1,
  name text not null generated always as (btrim(given_name || ' ' || family_name)) stored,
  sort_name text not null generated always as (lower(btrim(family_name || ' ' || given_name))) stored,
  search_text text not null generated always as (lower(given_name || ' ' || family_name || ' ' || email)) stored,
  constraint accounts_pkey primary key (id),
  constraint accounts_id_role_key unique (id, role),
  constraint accounts_student_number_key unique (student_number),
  constraint accounts_email_check
    check (char_length(email) between 3 and 254 and email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
  constraint accounts_given_name_check check (char_length(given_name) between 1 and 200),
  constraint accounts_family_name_check check (char_length(family_name) <= 200),
  constraint accounts_role_check check (role in ('admin', 'director', 'manager', 'staff', 'student')),
  constraint accounts_status_check check (status in ('active', 'suspended', 'archived')),
  constraint accounts_student_number_check check (char_length(student_number) between 1 and 100)
);
alter table accounts enable row level security;
alter table accounts force row level security;
create policy owner_all on accounts to waymark_owner using (true) with check (true);
create unique index accounts_email_key on accounts (lower(email));
create index accounts_search_text_idx on accounts using gin (search_text waymark.gin_trgm_ops);
create index accounts_sort_name_idx on accounts (sort_name, id);
-- the few who may not come in, or are gone
create index accounts_status_idx on accounts (status, sort_name, id) where status <> 'active';
-- the few who are not students: the directory, the last active admin
create index accounts_employed_idx on accounts (role, sort_name, id) where role <> 'student';

-- How to reach somebody who is not a student. account_role makes that a constraint.
create table cards (
  account_id int not null,
  account_role text not null,
  title text,
  office text,
  phone text,
  location text,
  biography text,
  hours text,
  booking_url text,
  published boolean not null default false,
  version int not null default 1,
  constraint cards_pkey primary key (account_id),
  constraint cards_account_id_fkey foreign key (account_id, account_role)
    references accounts (id, role) on update cascade on delete cascade,
  constraint cards_account_role_check check (account_role <> 'student'),
  constraint cards_title_check check (char_length(title) <= 200),
  constraint cards_office_check check (char_length(office) <= 200),
  constraint cards_phone_check check (char_length(phone) <= 100),
  constraint cards_location_check check (char_length(location) <= 200),
  constraint cards_biography_check check (char_length(biography) <= 10000),
  constraint cards_hours_check check (char_length(hours) <= 1000),
  constraint cards_booking_url_check
    check (booking_url ~ '^https://[^[:space:]]+$' and char_length(booking_url) <= 2000)
);
alter table cards enable row level security;
alter table cards force row level security;
create policy owner_all on cards to waymark_owner using (true) with check (true);
