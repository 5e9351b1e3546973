-- A later date for one student on one milestone: asked for by the student, granted by staff.

-- No row: nobody has asked or granted. `due_on` is the day that was granted, and holds until another is granted or it is
-- revoked, whatever is asked meanwhile; `asked_for` is the day the student asks for, until that is answered or withdrawn.
-- `status` and `comment` are of the last step. `enrolled` is a copy as in progress.
alter table milestones add constraint milestones_cohort_id_key unique (cohort_id, id);
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
alter table extensions enable row level security;
alter table extensions force row level security;
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
alter table extension_events enable row level security;
alter table extension_events force row level security;
create policy owner_all on extension_events to waymark_owner using (true) with check (true);
create index extension_events_milestone_id_idx on extension_events (milestone_id, student_id, id);
create index extension_events_cohort_id_idx on extension_events (cohort_id, student_id);
create index extension_events_student_id_idx on extension_events (student_id);
create index extension_events_actor_id_idx on extension_events (actor_id);
