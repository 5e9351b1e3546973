-- What programs come in by, what is remembered about requests, and the audit. Of every secret only the SHA-256 is stored.

-- For programs. One acts as its maker, and only as long as that is an active admin.
create table api_tokens (
  id int not null generated always as identity,
  token_hash bytea not null,
  name text not null,
  scopes text[] not null,
  maker_id int not null default waymark.account_id(),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz,
  constraint api_tokens_pkey primary key (id),
  constraint api_tokens_token_hash_key unique (token_hash),
  constraint api_tokens_maker_id_fkey foreign key (maker_id) references accounts (id) on delete cascade,
  constraint api_tokens_token_hash_check check (octet_length(token_hash) = 32),
  constraint api_tokens_name_check check (char_length(name) between 1 and 200),
  -- a token with the scope of SCIM has no other: it opens nothing but SCIM
  constraint api_tokens_scopes_check check (
    (scopes <@ array['read', 'write'] or scopes = array['scim']) and cardinality(scopes) between 1 and 2
    and array_position(scopes, null) is null),
  -- at most a year; a day more, because a leap year and a slow clock are no mistakes
  constraint api_tokens_expires_at_check
    check (expires_at > created_at and expires_at <= created_at + interval '367 days')
);
alter table api_tokens enable row level security, force row level security;
create policy owner_all on api_tokens to waymark_owner using (true) with check (true);
create index api_tokens_maker_id_idx on api_tokens (maker_id);

-- The first answer to a POST with an Idempotency-Key, kept for 24 hours. Who claims a key does so in the transaction of its work, so
-- nobody commits the state 'running'.
create table idempotency_keys (
  account_id int not null default waymark.account_id(),
  route text not null,
  key text not null,
  body_hash bytea not null,
  state text not null default 'running',
  status int,
  headers jsonb,
  response bytea,
  created_at timestamptz not null default now(),
  constraint idempotency_keys_pkey primary key (account_id, route, key),
  constraint idempotency_keys_account_id_fkey foreign key (account_id) references accounts (id) on delete cascade,
  constraint idempotency_keys_key_check check (char_length(key) between 1 and 255),
  constraint idempotency_keys_body_hash_check check (octet_length(body_hash) = 32),
  constraint idempotency_keys_state_check check (
    state = 'running' or state = 'done' and status is not null and response is not null)
);
alter table idempotency_keys enable row level security, force row level security;
create policy owner_all on idempotency_keys to waymark_owner using (true) with check (true);
create index idempotency_keys_created_at_idx on idempotency_keys (created_at);

-- The same where it is longer than one piece: an import's report may have a hundred megabytes. The beginning stands in
-- idempotency_keys.response, the rest here in order from 1.
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
alter table idempotency_pieces enable row level security, force row level security;
create policy owner_all on idempotency_pieces to waymark_owner using (true) with check (true);

-- One row for each kind of work that an institution does one at a time, on all servers together. Whoever has the turn has the row
-- locked, for as long as the transaction: a dead owner's turn ends with it. (A row, not an advisory lock: those are revoked, and
-- a new grant to the owner would need a superuser.) done_on: of reminders, the last day whose reminders were planned.
create table turns (
  work text not null,
  done_on date,
  constraint turns_pkey primary key (work)
);
alter table turns enable row level security, force row level security;
create policy owner_all on turns to waymark_owner using (true) with check (true);
insert into turns (work) values ('import'), ('reminders');

-- Who did what. Actor, role, token and time are defaults that no role may write, so an insert cannot forge them. No
-- foreign key on the actor: the audit outlives whom it speaks of.
create table audit (
  id bigint not null generated always as identity,
  at timestamptz not null default now(),
  actor_id int default waymark.account_id(),
  actor_role text not null default current_user,
  token_id int default waymark.token_id(),
  action text not null,
  subject text not null,
  before jsonb,
  after jsonb,
  constraint audit_pkey primary key (id),
  constraint audit_action_check check (char_length(action) between 1 and 100),
  constraint audit_subject_check check (char_length(subject) between 1 and 200)
);
alter table audit enable row level security, force row level security;
create policy owner_all on audit to waymark_owner using (true) with check (true);
create index audit_actor_id_idx on audit (actor_id, id);
create index audit_subject_idx on audit (subject, id);
create index audit_at_idx on audit (at);
-- Who joined and left a group, and which group came to a cohort and left it: few rows of many.
create index audit_members_idx on audit ((coalesce(after, before) ->> 'accountId'), at)
  where action in ('membership.create', 'membership.delete');
create index audit_supported_idx on audit (subject, at) where action in ('attachment.create', 'attachment.delete');
create index audit_supporting_idx on audit ((coalesce(after, before) ->> 'groupId'), at)
  where action in ('attachment.create', 'attachment.delete');
