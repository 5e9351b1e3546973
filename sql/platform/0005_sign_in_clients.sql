-- How often each client (a network address, an IPv6 one as its /64) of late tried to sign in without success, at all
-- institutions and servers together. One row for each, and one number in it: every attempt moves forgotten_at 12 seconds
-- on, so that a row whose time has passed says nothing any more.
--
-- Nobody has a right to it. Each institution's gate counts through the functions of sql/institution/definitions.
-- The key is a hash because the table need not name anybody, though whoever tries all IPv4 addresses finds them out; a
-- secret would have to lie in this database or on every server. Rows go within minutes, an hour at most.
create table waymark.sign_in_clients (
  key bytea not null,
  forgotten_at timestamptz not null,
  constraint sign_in_clients_pkey primary key (key),
  constraint sign_in_clients_key_check check (octet_length(key) = 32)
);
alter table waymark.sign_in_clients enable row level security;
alter table waymark.sign_in_clients force row level security;
create policy owner_all on waymark.sign_in_clients to waymark_owner using (true) with check (true);
create index sign_in_clients_forgotten_at_idx on waymark.sign_in_clients (forgotten_at);
