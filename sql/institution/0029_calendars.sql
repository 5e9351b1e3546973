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
alter table calendar_feeds enable row level security;
alter table calendar_feeds force row level security;
create policy owner_all on calendar_feeds to waymark_owner using (true) with check (true);
