-- What students did about milestones.

-- No row means open: nothing is created until something happens. `enrolled` and `completion` are copies kept right
-- by foreign keys: a row can only be made for somebody who is in the cohort, hides when they leave, and a student's
-- policy can tell whether the milestone lets them complete it themselves.
create table progress (
  milestone_id int not null,
  student_id int not null,
  cohort_id int not null,
  enrolled boolean not null default true,
  completion text not null,
  status text not null default 'open',
  comment text,
  updated_at timestamptz not null default now(),
  version int not null default 1,
  constraint progress_pkey primary key (milestone_id, student_id),
  constraint progress_milestone_id_fkey foreign key (cohort_id, milestone_id, completion)
    references milestones (cohort_id, id, completion) on update cascade on delete restrict,
  constraint progress_student_id_fkey foreign key (cohort_id, student_id, enrolled)
    references enrollments (cohort_id, student_id, active) on update cascade on delete restrict,
  constraint progress_status_check check (status in ('open', 'submitted', 'returned', 'completed', 'waived')),
  constraint progress_comment_check check (char_length(comment) <= 10000)
);
alter table progress enable row level security, force row level security;
create policy owner_all on progress to waymark_owner using (true) with check (true);
create index progress_student_id_idx on progress (student_id);
create index progress_cohort_id_idx on progress (cohort_id, student_id);
-- What waits for an answer, by cohort: few rows of many.
create index progress_waiting_idx on progress (cohort_id, updated_at) where status = 'submitted' and enrolled;
-- What students need not do any more, by milestone: counted without a look at the table.
create index progress_answered_idx on progress (milestone_id, student_id) include (status)
  where enrolled and status in ('submitted', 'completed', 'waived');

-- The history. Who and when are defaults that no role may write. undo: the step before it on the same milestone of the same student
-- was a mistake, and this one takes it back; both are told.
create table progress_events (
  id bigint not null generated always as identity,
  milestone_id int not null,
  student_id int not null,
  cohort_id int not null,
  enrolled boolean not null default true,
  actor_id int default waymark.account_id(),
  at timestamptz not null default now(),
  from_status text not null,
  to_status text not null,
  comment text,
  undo boolean not null default false,
  constraint progress_events_pkey primary key (id),
  constraint progress_events_milestone_id_fkey foreign key (milestone_id, student_id)
    references progress (milestone_id, student_id) on delete restrict,
  constraint progress_events_student_id_fkey foreign key (cohort_id, student_id, enrolled)
    references enrollments (cohort_id, student_id, active) on update cascade on delete restrict,
  constraint progress_events_actor_id_fkey foreign key (actor_id) references accounts (id) on delete restrict,
  constraint progress_events_status_check check (
    from_status in ('open', 'submitted', 'returned', 'completed', 'waived')
    and to_status in ('open', 'submitted', 'returned', 'completed', 'waived')),
  constraint progress_events_comment_check check (char_length(comment) <= 10000)
);
alter table progress_events enable row level security, force row level security;
create policy owner_all on progress_events to waymark_owner using (true) with check (true);
create index progress_events_milestone_id_idx on progress_events (milestone_id, student_id, id);
create index progress_events_student_id_idx on progress_events (cohort_id, student_id);
create index progress_events_own_idx on progress_events (student_id);
create index progress_events_actor_id_idx on progress_events (actor_id);
-- When staff last took a step, by student.
create index progress_events_contact_idx on progress_events (cohort_id, student_id, at)
  where enrolled and actor_id <> student_id;

-- A later date for one student on one milestone: asked for by the student, granted by staff. No row: nobody has asked or granted.
-- `due_on` is the day that was granted, and holds until another is granted or it is revoked, whatever is asked meanwhile;
-- `asked_for` is the day the student asks for, until that is answered or withdrawn. `status` and `comment` are of the last step.
-- `enrolled` is a copy as in progress.
create table extensions (
  milestone_id int not null,
  student_id int not null,
  cohort_id int not null,
  enrolled boolean not null default true,
  due_on date,
  status text not null,
  asked_for date,
  comment text,
  updated_at timestamptz not null default now(),
  version int not null default 1,
  constraint extensions_pkey primary key (milestone_id, student_id),
  constraint extensions_milestone_id_fkey foreign key (cohort_id, milestone_id)
    references milestones (cohort_id, id) on delete restrict,
  constraint extensions_student_id_fkey foreign key (cohort_id, student_id, enrolled)
    references enrollments (cohort_id, student_id, active) on update cascade on delete restrict,
  constraint extensions_status_check check (status in ('asked', 'withdrawn', 'granted', 'declined', 'revoked')),
  constraint extensions_asked_for_check check ((status = 'asked') = (asked_for is not null)),
  constraint extensions_due_on_check
    check (case status when 'granted' then due_on is not null when 'revoked' then due_on is null else true end),
  constraint extensions_comment_check check (char_length(comment) <= 10000)
);
alter table extensions enable row level security, force row level security;
create policy owner_all on extensions to waymark_owner using (true) with check (true);
create index extensions_student_id_idx on extensions (student_id);
create index extensions_cohort_id_idx on extensions (cohort_id, student_id);
create index extensions_asked_idx on extensions (cohort_id) where status = 'asked' and enrolled;

-- The history. `due_on` is the day that was asked for or granted. Who and when are defaults that no role may write.
create table extension_events (
  id bigint not null generated always as identity,
  milestone_id int not null,
  student_id int not null,
  cohort_id int not null,
  enrolled boolean not null default true,
  actor_id int default waymark.account_id(),
  at timestamptz not null default now(),
  status text not null,
  due_on date,
  comment text,
  constraint extension_events_pkey primary key (id),
  constraint extension_events_milestone_id_fkey foreign key (milestone_id, student_id)
    references extensions (milestone_id, student_id) on delete restrict,
  constraint extension_events_student_id_fkey foreign key (cohort_id, student_id, enrolled)
    references enrollments (cohort_id, student_id, active) on update cascade on delete restrict,
  constraint extension_events_actor_id_fkey foreign key (actor_id) references accounts (id) on delete restrict,
  constraint extension_events_status_check check (status in ('asked', 'withdrawn', 'granted', 'declined', 'revoked')),
  constraint extension_events_due_on_check check ((status in ('asked', 'granted')) = (due_on is not null)),
  constraint extension_events_comment_check check (char_length(comment) <= 10000)
);
alter table extension_events enable row level security, force row level security;
create policy owner_all on extension_events to waymark_owner using (true) with check (true);
create index extension_events_milestone_id_idx on extension_events (milestone_id, student_id, id);
create index extension_events_cohort_id_idx on extension_events (cohort_id, student_id);
create index extension_events_student_id_idx on extension_events (student_id);
create index extension_events_actor_id_idx on extension_events (actor_id);

-- Files that students send with a milestone.
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
alter table submission_files enable row level security, force row level security;
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
alter table submission_chunks enable row level security, force row level security;
create policy owner_all on submission_chunks to waymark_owner using (true) with check (true);
create index submission_chunks_file_id_idx on submission_chunks (cohort_id, student_id, file_id, enrolled);
create index submission_chunks_student_id_idx on submission_chunks (student_id);
