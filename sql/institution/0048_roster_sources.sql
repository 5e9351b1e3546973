-- Where the institution's roster is fetched from: a OneRoster server, asked every day at an hour. One row, like the settings. The
-- secret is sealed, so that the row alone opens nothing.
-- done_on: the last day whose run has begun. read_to: the newest change that was taken in, by the server's clock. whole_at: when a
-- run last began that took in all there is, and rules_version: by which rules. Changes alone are asked for where these say so.
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
  constraint roster_sources_pkey primary key (id),
  constraint roster_sources_id_check check (id = 1),
  constraint roster_sources_enabled_check check (
    not enabled or base_url is not null and token_url is not null and client_id is not null),
  constraint roster_sources_base_url_check check (char_length(base_url) between 1 and 500),
  constraint roster_sources_token_url_check check (char_length(token_url) between 1 and 500),
  constraint roster_sources_client_id_check check (char_length(client_id) between 1 and 500),
  constraint roster_sources_scope_check check (char_length(scope) between 1 and 1000),
  constraint roster_sources_hour_check check (hour between 0 and 23)
);
alter table roster_sources enable row level security;
alter table roster_sources force row level security;
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
alter table roster_runs enable row level security;
alter table roster_runs force row level security;
create policy owner_all on roster_runs to waymark_owner using (true) with check (true);
create index roster_runs_account_id_idx on roster_runs (account_id);
create unique index roster_runs_open_key on roster_runs ((state in ('waiting', 'running'))) where state in ('waiting', 'running');
