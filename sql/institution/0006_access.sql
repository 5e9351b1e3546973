-- How callers come in, what is remembered about their requests, and the audit.
-- Of every secret only the SHA-256 is stored.

create table sessions (
  token_hash bytea not null,
  account_id int not null,
  created_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  expires_at timestamptz not null,
  constraint sessions_pkey primary key (token_hash),
  constraint sessions_account_id_fkey foreign key (account_id) references accounts (id) on delete cascade,
  constraint sessions_token_hash_check check (octet_length(token_hash) = 32)
);
alter table sessions enable row level security;
alter table sessions force row level security;
create policy owner_all on sessions to waymark_owner using (true) with check (true);
create index sessions_account_id_idx on sessions (account_id);
create index sessions_expires_at_idx on sessions (expires_at);

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
  constraint api_tokens_scopes_check check (
    scopes <@ array['read', 'write'] and cardinality(scopes) between 1 and 2
    and array_position(scopes, null) is null),
  -- at most a year; a day more, because a leap year and a slow clock are no mistakes
  constraint api_tokens_expires_at_check
    check (expires_at > created_at and expires_at <= created_at + interval '367 days')
);
alter table api_tokens enable row level security;
alter table api_tokens force row level security;
create policy owner_all on api_tokens to waymark_owner using (true) with check (true);
create index api_tokens_maker_id_idx on api_tokens (maker_id);

-- A link by which somebody sets the first password. One use.
create table invitations (
  secret_hash bytea not null,
  account_id int not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  constraint invitations_pkey primary key (secret_hash),
  constraint invitations_account_id_fkey foreign key (account_id) references accounts (id) on delete cascade,
  constraint invitations_secret_hash_check check (octet_length(secret_hash) = 32)
);
alter table invitations enable row level security;
alter table invitations force row level security;
create policy owner_all on invitations to waymark_owner using (true) with check (true);
create index invitations_account_id_idx on invitations (account_id);
create index invitations_expires_at_idx on invitations (expires_at);

-- Throttling. The key is a hash of the address, of where the attempt came from, or of both. A negative number is the
-- credit of a client that has signed in.
create table sign_in_attempts (
  key bytea not null,
  window_start timestamptz not null default now(),
  failures int not null default 0,
  constraint sign_in_attempts_pkey primary key (key)
);
alter table sign_in_attempts enable row level security;
alter table sign_in_attempts force row level security;
create policy owner_all on sign_in_attempts to waymark_owner using (true) with check (true);
create index sign_in_attempts_window_start_idx on sign_in_attempts (window_start);

-- The first answer to a POST with an Idempotency-Key, kept for 24 hours.
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
alter table idempotency_keys enable row level security;
alter table idempotency_keys force row level security;
create policy owner_all on idempotency_keys to waymark_owner using (true) with check (true);
create index idempotency_keys_created_at_idx on idempotency_keys (created_at);

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
alter table audit enable row level security;
alter table audit force row level security;
create policy owner_all on audit to waymark_owner using (true) with check (true);
create index audit_actor_id_idx on audit (actor_id, id);
create index audit_subject_idx on audit (subject, id);
create index audit_at_idx on audit (at);
