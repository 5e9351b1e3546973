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
alter table progress enable row level security;
alter table progress force row level security;
create policy owner_all on progress to waymark_owner using (true) with check (true);
create index progress_student_id_idx on progress (student_id);
create index progress_cohort_id_idx on progress (cohort_id, student_id);

-- The history. Who and when are defaults that no role may write.
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
alter table progress_events enable row level security;
alter table progress_events force row level security;
create policy owner_all on progress_events to waymark_owner using (true) with check (true);
create index progress_events_milestone_id_idx on progress_events (milestone_id, student_id, id);
create index progress_events_student_id_idx on progress_events (cohort_id, student_id);
create index progress_events_own_idx on progress_events (student_id);
create index progress_events_actor_id_idx on progress_events (actor_id);

-- Each reminder is sent once for a student, a milestone and a number of days before.
create table sent_reminders (
  milestone_id int not null,
  student_id int not null,
  days_before int not null,
  sent_at timestamptz not null default now(),
  constraint sent_reminders_pkey primary key (milestone_id, student_id, days_before),
  constraint sent_reminders_milestone_id_fkey foreign key (milestone_id) references milestones (id) on delete cascade,
  constraint sent_reminders_student_id_fkey foreign key (student_id) references accounts (id) on delete cascade,
  constraint sent_reminders_days_before_check check (days_before in (1, 2, 7, 14, 30))
);
alter table sent_reminders enable row level security;
alter table sent_reminders force row level security;
create policy owner_all on sent_reminders to waymark_owner using (true) with check (true);
create index sent_reminders_student_id_idx on sent_reminders (student_id);
