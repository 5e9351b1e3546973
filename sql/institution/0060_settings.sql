-- The institution's schema and its settings.
--
-- These files are the tables as they stand, by subject. Each is applied once, in the order of their names, in one transaction,
-- as waymark_owner with search_path = {{schema}}, pg_temp.

create schema {{schema}};

-- One row. `suspended` stands here and not in the platform's directory, because `enter` reads this schema only.
--
-- content: what students are shown of their cohorts is the same for all who are in the same ones, and changes rarely, so a server
-- may keep it. This changes with it, in the transaction that changes it, and is read with each dashboard: what is kept under
-- another value is not used any more. At random and not counted, so that no value comes again after a restore.
-- color, logo: how the institution looks; without them pages look like Waymark's.
-- language: of mail and pages, for who has chosen none; null: the program's own.
-- sample_cohort_id: the cohort that an admin lets make to see how one looks. While no student is in it, it counts nowhere.
-- admins_need_codes: whether admins must have an authenticator.
-- keep_*_days: for how many days the institution keeps what; null: for good. The least is the database's to say, so that no
-- mistyped number takes away what was done last week.
-- suspend_percent: how many of a hundred accounts a file of people or a roster may suspend, or take out of their cohorts,
-- without a yes.
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
  content uuid not null default gen_random_uuid(),
  color text,
  logo bytea,
  language text,
  sample_cohort_id int,
  admins_need_codes boolean not null default false,
  keep_students_days int,
  keep_audit_days int,
  keep_mails_days int default 400,
  keep_files_days int,
  suspend_percent int not null default 10,
  constraint settings_pkey primary key (id),
  constraint settings_id_check check (id = 1),
  constraint settings_name_check check (char_length(name) <= 200),
  -- an unknown zone fails here once, and not in every query that computes a due date
  constraint settings_time_zone_check check (timestamp '2000-01-01 00:00' at time zone time_zone is not null),
  constraint settings_reminder_hour_check check (reminder_hour between 0 and 23),
  constraint settings_session_idle_minutes_check check (session_idle_minutes between 1 and 10080),
  constraint settings_session_absolute_minutes_check check (session_absolute_minutes between 1 and 43200),
  constraint settings_file_quota_bytes_check check (file_quota_bytes >= 0),
  constraint settings_color_check check (color ~ '^#[0-9a-f]{6}$'),
  constraint settings_logo_check check (octet_length(logo) between 1 and 131072),
  constraint settings_language_check check (language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
  constraint settings_keep_students_days_check check (keep_students_days between 30 and 36500),
  constraint settings_keep_audit_days_check check (keep_audit_days between 365 and 36500),
  constraint settings_keep_mails_days_check check (keep_mails_days between 30 and 36500),
  constraint settings_keep_files_days_check check (keep_files_days between 30 and 36500),
  constraint settings_suspend_percent_check check (suspend_percent between 0 and 100)
  -- `0063_cohorts` adds the foreign key of sample_cohort_id
);
alter table settings enable row level security, force row level security;
create policy owner_all on settings to waymark_owner using (true) with check (true);
create index settings_sample_cohort_id_idx on settings (sample_cohort_id);
insert into settings (id) values (1);
