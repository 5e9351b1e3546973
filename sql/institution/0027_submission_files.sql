-- Files that students send with a milestone, what is known of a file's content, and how much room all files take.

-- They belong to the student and the milestone: withdrawn or returned work keeps them until the student takes them away.
-- `event_id` is the step they were sent with; while it is null the file is still arriving, or is not yet known to be
-- harmless, and nobody sees it. cohort_id and enrolled are copies kept right by foreign keys, so that it hides with the
-- student's progress.
create table submission_files (
  id int not null generated always as identity,
  cohort_id int not null,
  milestone_id int not null,
  milestone_saved boolean not null,
  student_id int not null,
  enrolled boolean not null default true,
  event_id bigint,
  name text not null,
  content_type text not null,
  size bigint not null default 0,
  checksum bytea,
  created_at timestamptz not null default now(),
  constraint submission_files_pkey primary key (id),
  constraint submission_files_enrolled_key unique (cohort_id, student_id, id, enrolled),
  constraint submission_files_milestone_id_fkey foreign key (cohort_id, milestone_id, milestone_saved)
    references milestones (cohort_id, id, saved) on update cascade on delete cascade,
  constraint submission_files_student_id_fkey foreign key (cohort_id, student_id, enrolled)
    references enrollments (cohort_id, student_id, active) on update cascade on delete cascade,
  constraint submission_files_event_id_fkey foreign key (event_id) references progress_events (id) on delete restrict,
  constraint submission_files_name_check check (char_length(name) between 1 and 255),
  constraint submission_files_content_type_check check (char_length(content_type) between 1 and 255),
  constraint submission_files_size_check check (size between 0 and 26214400),
  constraint submission_files_checksum_check check (octet_length(checksum) = 32)
);
alter table submission_files enable row level security;
alter table submission_files force row level security;
create policy owner_all on submission_files to waymark_owner using (true) with check (true);
create index submission_files_student_id_idx on submission_files (student_id, milestone_id);
create index submission_files_milestone_id_idx on submission_files (cohort_id, milestone_id, milestone_saved);
create index submission_files_event_id_idx on submission_files (event_id);

-- Their content, as in file_chunks.
create table submission_chunks (
  file_id int not null,
  n int not null,
  cohort_id int not null,
  student_id int not null,
  enrolled boolean not null default true,
  bytes bytea not null,
  constraint submission_chunks_pkey primary key (file_id, n),
  constraint submission_chunks_file_id_fkey foreign key (cohort_id, student_id, file_id, enrolled)
    references submission_files (cohort_id, student_id, id, enrolled) on update cascade on delete cascade,
  constraint submission_chunks_n_check check (n >= 0),
  constraint submission_chunks_bytes_check check (octet_length(bytes) between 1 and 1048576)
);
alter table submission_chunks alter column bytes set storage external;
alter table submission_chunks enable row level security;
alter table submission_chunks force row level security;
create policy owner_all on submission_chunks to waymark_owner using (true) with check (true);
create index submission_chunks_file_id_idx on submission_chunks (cohort_id, student_id, file_id, enrolled);
create index submission_chunks_student_id_idx on submission_chunks (student_id);

-- SHA-256 of the content; null for files that came before it was taken.
alter table milestone_files add column checksum bytea,
  add constraint milestone_files_checksum_check check (octet_length(checksum) = 32);

-- How many bytes all files take together: one row, kept by the triggers of `definitions/12_files.sql`, which count it once
-- more whenever they are made anew.
create table file_space (
  id int not null default 1,
  bytes bigint not null default 0,
  constraint file_space_pkey primary key (id),
  constraint file_space_id_check check (id = 1),
  constraint file_space_bytes_check check (bytes >= 0)
);
alter table file_space enable row level security;
alter table file_space force row level security;
create policy owner_all on file_space to waymark_owner using (true) with check (true);
insert into file_space default values;
