-- The first answer to a POST with an Idempotency-Key, where it is longer than one piece: an import's report may have a
-- hundred megabytes. The beginning stands in idempotency_keys.response, the rest here in order from 1.
--
-- `state` remains for servers of before: they claim a key in a transaction of its own, and now nobody commits 'running'.
create table idempotency_pieces (
  account_id int not null default waymark.account_id(),
  route text not null,
  key text not null,
  n int not null,
  bytes bytea not null,
  constraint idempotency_pieces_pkey primary key (account_id, route, key, n),
  constraint idempotency_pieces_key_fkey foreign key (account_id, route, key)
    references idempotency_keys (account_id, route, key) on delete cascade,
  constraint idempotency_pieces_n_check check (n > 0),
  constraint idempotency_pieces_bytes_check check (octet_length(bytes) between 1 and 1048576)
);
alter table idempotency_pieces enable row level security;
alter table idempotency_pieces force row level security;
create policy owner_all on idempotency_pieces to waymark_owner using (true) with check (true);
