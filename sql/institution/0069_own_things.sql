-- What each person keeps for themselves: lists of their own, what of the inbox is read, a calendar's address.

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
alter table saved_views enable row level security, force row level security;
create policy owner_all on saved_views to waymark_owner using (true) with check (true);
create unique index saved_views_name_key on saved_views (account_id, lower(name));

-- What of somebody's inbox is read. What is in an inbox is kept nowhere: the view `inbox` derives it of what waits and of what was
-- done. `entry` names one thing; '' stands for all of it up to `at`.
create table inbox_reads (
  account_id int not null default waymark.account_id(),
  entry text not null,
  at timestamptz not null default now(),
  constraint inbox_reads_pkey primary key (account_id, entry),
  constraint inbox_reads_account_id_fkey foreign key (account_id) references accounts (id) on delete cascade,
  constraint inbox_reads_entry_check check (char_length(entry) <= 100)
);
alter table inbox_reads enable row level security, force row level security;
create policy owner_all on inbox_reads to waymark_owner using (true) with check (true);
create index inbox_reads_at_idx on inbox_reads (at);

-- The secret address of somebody's calendar: whoever has it reads its owner's due dates, and nothing else. One for each person;
-- a new one takes the place of the old, which then ends. `language` is the one it was made in.
create table calendar_feeds (
  account_id int not null default waymark.account_id(),
  token_hash bytea not null,
  language text not null,
  created_at timestamptz not null default now(),
  constraint calendar_feeds_pkey primary key (account_id),
  constraint calendar_feeds_token_hash_key unique (token_hash),
  constraint calendar_feeds_account_id_fkey foreign key (account_id) references accounts (id) on delete cascade,
  constraint calendar_feeds_token_hash_check check (octet_length(token_hash) = 32),
  constraint calendar_feeds_language_check check (language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$')
);
alter table calendar_feeds enable row level security, force row level security;
create policy owner_all on calendar_feeds to waymark_owner using (true) with check (true);
