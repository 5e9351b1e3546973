-- Milestones, the files that belong to them, and how much room all files take.

-- A due date is fixed or so many days after joining. The unique constraints beside the key exist for foreign keys: files copy
-- `saved` and progress copies `completion`, because policies may not look into other tables. changed_at: a reminder whose moment
-- passed before the milestone had its present shape is not sent afterwards.
--
-- position: the order in which a cohort's milestones stand. Null: not put anywhere yet; such stand behind the others, in the order
-- they were made. Not unique: one statement writes a cohort's whole order.
-- archived_at: when it was retired. Students no longer see it, so it is not `saved` any more: all that asks for saved milestones,
-- and the copies of `saved` in files, know that without asking for this column too.
-- shared_id: each cohort in which a shared milestone stands has a row of its own with the same number, and a due date of its own.
-- What else they say, and how far a student is who has several of them, is kept the same by the triggers of
-- `definitions/13_shared.sql`. The number is the id of the copy that was made first: it was given to no other group before.
create table milestones (
  id int not null generated always as identity,
  cohort_id int not null,
  title text not null default 'New Milestone',
  due_on date,
  due_after_days int,
  description text,
  reminders int[] not null default '{}',
  completion text not null default 'staff',
  saved boolean not null default false,
  changed_at timestamptz not null default now(),
  version int not null default 1,
  position int,
  archived_at timestamptz,
  shared_id int,
  constraint milestones_pkey primary key (id),
  constraint milestones_saved_key unique (cohort_id, id, saved),
  constraint milestones_completion_key unique (cohort_id, id, completion),
  constraint milestones_cohort_id_key unique (cohort_id, id),
  constraint milestones_cohort_id_fkey foreign key (cohort_id) references cohorts (id) on delete restrict,
  constraint milestones_title_check check (char_length(title) between 1 and 200),
  constraint milestones_due_check check (num_nonnulls(due_on, due_after_days) <= 1),
  constraint milestones_due_after_days_check check (due_after_days between 0 and 3650),
  constraint milestones_description_check check (char_length(description) <= 20000),
  constraint milestones_reminders_check
    check (reminders <@ array[1, 2, 7, 14, 30] and array_position(reminders, null) is null
      and cardinality(reminders) <= 5),
  constraint milestones_completion_check check (completion in ('staff', 'student')),
  constraint milestones_position_check check (position > 0),
  constraint milestones_archived_at_check check (archived_at is null or not saved)
);
alter table milestones enable row level security, force row level security;
create policy owner_all on milestones to waymark_owner using (true) with check (true);
create unique index milestones_shared_id_key on milestones (shared_id, cohort_id) where shared_id is not null;

-- What is being uploaded has `complete` false, which no student sees. Content lies in file_chunks; checksum is its SHA-256, null
-- for files that came before it was taken.
create table milestone_files (
  id int not null generated always as identity,
  cohort_id int not null,
  milestone_id int not null,
  milestone_saved boolean not null,
  name text not null,
  content_type text not null,
  size bigint not null default 0,
  complete boolean not null default false,
  created_at timestamptz not null default now(),
  version int not null default 1,
  checksum bytea,
  constraint milestone_files_pkey primary key (id),
  constraint milestone_files_saved_key unique (cohort_id, id, milestone_saved),
  constraint milestone_files_milestone_id_fkey foreign key (cohort_id, milestone_id, milestone_saved)
    references milestones (cohort_id, id, saved) on update cascade on delete cascade,
  constraint milestone_files_name_check check (char_length(name) between 1 and 255),
  constraint milestone_files_content_type_check check (char_length(content_type) between 1 and 255),
  constraint milestone_files_size_check check (size between 0 and 26214400),
  constraint milestone_files_checksum_check check (octet_length(checksum) = 32)
);
alter table milestone_files enable row level security, force row level security;
create policy owner_all on milestone_files to waymark_owner using (true) with check (true);
create index milestone_files_milestone_id_idx on milestone_files (milestone_id);
create index milestone_files_cohort_id_idx on milestone_files (cohort_id, milestone_id, milestone_saved);

-- Pieces in order from 0; at most 1 MiB each, so that neither side ever holds a whole file.
create table file_chunks (
  file_id int not null,
  n int not null,
  cohort_id int not null,
  milestone_saved boolean not null,
  bytes bytea not null,
  constraint file_chunks_pkey primary key (file_id, n),
  constraint file_chunks_file_id_fkey foreign key (cohort_id, file_id, milestone_saved)
    references milestone_files (cohort_id, id, milestone_saved) on update cascade on delete cascade,
  constraint file_chunks_n_check check (n >= 0),
  constraint file_chunks_bytes_check check (octet_length(bytes) between 1 and 1048576)
);
-- compressed formats gain nothing from a second compression
alter table file_chunks alter column bytes set storage external;
alter table file_chunks enable row level security, force row level security;
create policy owner_all on file_chunks to waymark_owner using (true) with check (true);
create index file_chunks_cohort_id_idx on file_chunks (cohort_id, file_id, milestone_saved);

-- How many bytes all files take together, those that students send too: one row, kept by the triggers of
-- `definitions/12_files.sql`, which count it once more whenever they are made anew.
create table file_space (
  id int not null default 1,
  bytes bigint not null default 0,
  constraint file_space_pkey primary key (id),
  constraint file_space_id_check check (id = 1),
  constraint file_space_bytes_check check (bytes >= 0)
);
alter table file_space enable row level security, force row level security;
create policy owner_all on file_space to waymark_owner using (true) with check (true);
insert into file_space default values;
