-- What a list of students over the whole scope needs: when everybody signed in last, and indexes by which the numbers of
-- 20,000 students are counted while somebody waits.

-- Nobody's row of `accounts` is touched by signing in: an import keeps such rows locked until it ends.
create table sign_ins (
  account_id int not null,
  at timestamptz not null default now(),
  constraint sign_ins_pkey primary key (account_id),
  constraint sign_ins_account_id_fkey foreign key (account_id) references accounts (id) on delete cascade
);
alter table sign_ins enable row level security;
alter table sign_ins force row level security;
create policy owner_all on sign_ins to waymark_owner using (true) with check (true);
insert into sign_ins (account_id, at) select account_id, max(created_at) from sessions group by account_id;

-- A list's filters and order under a name of one's own. `query` is what stands behind the question mark of its address, as
-- the program writes it.
create table saved_views (
  id int not null generated always as identity,
  account_id int not null default waymark.account_id(),
  name text not null,
  query text not null,
  constraint saved_views_pkey primary key (id),
  constraint saved_views_account_id_fkey foreign key (account_id) references accounts (id) on delete cascade,
  constraint saved_views_name_check check (char_length(name) between 1 and 100),
  constraint saved_views_query_check check (char_length(query) <= 2000 and query ~ '^[A-Za-z0-9=&%._~-]*$')
);
alter table saved_views enable row level security;
alter table saved_views force row level security;
create policy owner_all on saved_views to waymark_owner using (true) with check (true);
create unique index saved_views_name_key on saved_views (account_id, lower(name));

-- What students need not do any more, by milestone: counted without a look at the table.
create index progress_answered_idx on progress (milestone_id, student_id) include (status)
  where enrolled and status in ('submitted', 'completed', 'waived');
-- When staff last took a step, by student.
create index progress_events_contact_idx on progress_events (cohort_id, student_id, at)
  where enrolled and actor_id <> student_id;
