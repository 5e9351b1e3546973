-- How people come in: sessions, first and forgotten passwords, codes of an authenticator app, the institution's identity provider.
-- Of every secret only the SHA-256 is stored, but of those that must come out again: they are sealed by a key that is not in
-- this database.

-- address, program: where the session was begun. id: a number by which its owner names it, for the hash of its token stays here.
create table sessions (
  token_hash bytea not null,
  account_id int not null,
  created_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  expires_at timestamptz not null,
  id int not null generated always as identity,
  address text,
  program text,
  constraint sessions_pkey primary key (token_hash),
  constraint sessions_id_key unique (id),
  constraint sessions_account_id_fkey foreign key (account_id) references accounts (id) on delete cascade,
  constraint sessions_token_hash_check check (octet_length(token_hash) = 32),
  constraint sessions_address_check check (char_length(address) between 1 and 100),
  constraint sessions_program_check check (char_length(program) between 1 and 100)
);
alter table sessions enable row level security, force row level security;
create policy owner_all on sessions to waymark_owner using (true) with check (true);
create index sessions_account_id_idx on sessions (account_id);
create index sessions_expires_at_idx on sessions (expires_at);
-- A form carries a proof made of its session's hash; this finds the session again, so that text typed in a session that
-- has ended goes back to its own account and to no other. Ended sessions stay a week for it.
create index sessions_form_idx on sessions (sha256(token_hash || 'csrf'::bytea));

-- When everybody signed in last. Nobody's row of `accounts` is touched by signing in: an import keeps such rows locked until
-- it ends.
create table sign_ins (
  account_id int not null,
  at timestamptz not null default now(),
  constraint sign_ins_pkey primary key (account_id),
  constraint sign_ins_account_id_fkey foreign key (account_id) references accounts (id) on delete cascade
);
alter table sign_ins enable row level security, force row level security;
create policy owner_all on sign_ins to waymark_owner using (true) with check (true);

-- A link by which somebody sets a password, once: the first one, for seven days, or another one, for an hour.
create table invitations (
  secret_hash bytea not null,
  account_id int not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  kind text not null default 'invitation',
  constraint invitations_pkey primary key (secret_hash),
  constraint invitations_account_id_fkey foreign key (account_id) references accounts (id) on delete cascade,
  constraint invitations_secret_hash_check check (octet_length(secret_hash) = 32),
  constraint invitations_kind_check check (kind in ('invitation', 'reset'))
);
alter table invitations enable row level security, force row level security;
create policy owner_all on invitations to waymark_owner using (true) with check (true);
create index invitations_account_id_idx on invitations (account_id);
create index invitations_expires_at_idx on invitations (expires_at);

-- Who wants another password, by the address that somebody typed. Whether it is anybody's is found out by the background
-- work, so that a request takes as long for an address that nobody has. Rows go when they are looked at.
create table reset_requests (
  address text not null,
  asked_at timestamptz not null default now(),
  constraint reset_requests_pkey primary key (address),
  constraint reset_requests_address_check check (char_length(address) between 3 and 254)
);
alter table reset_requests enable row level security, force row level security;
create policy owner_all on reset_requests to waymark_owner using (true) with check (true);

-- Throttling. The key is a hash of the address, of where the attempt came from, or of both. A negative number is the
-- credit of a client that has signed in.
create table sign_in_attempts (
  key bytea not null,
  window_start timestamptz not null default now(),
  failures int not null default 0,
  constraint sign_in_attempts_pkey primary key (key)
);
alter table sign_in_attempts enable row level security, force row level security;
create policy owner_all on sign_in_attempts to waymark_owner using (true) with check (true);
create index sign_in_attempts_window_start_idx on sign_in_attempts (window_start);

-- A second step of signing in: what an account's authenticator app was given (RFC 6238). The sealed seed counts once a code has
-- confirmed it. `last_step` is the time step of the last code that was used, so that none works twice. Of recovery codes the
-- SHA-256 is kept, until they are used.
create table authenticators (
  account_id int not null,
  seed text not null,
  created_at timestamptz not null default now(),
  confirmed_at timestamptz,
  last_step bigint not null default 0,
  recovery_hashes bytea[] not null default '{}',
  constraint authenticators_pkey primary key (account_id),
  constraint authenticators_account_id_fkey foreign key (account_id) references accounts (id) on delete cascade,
  constraint authenticators_seed_check check (char_length(seed) between 1 and 1000),
  constraint authenticators_recovery_hashes_check check (cardinality(recovery_hashes) <= 10)
);
alter table authenticators enable row level security, force row level security;
create policy owner_all on authenticators to waymark_owner using (true) with check (true);

-- Whose password was right and who has yet to give a code. `checked` is the SHA-256 of the hash of that password: with another
-- one by then it is worth nothing.
create table sign_in_challenges (
  secret_hash bytea not null,
  account_id int not null,
  checked bytea not null,
  expires_at timestamptz not null,
  constraint sign_in_challenges_pkey primary key (secret_hash),
  constraint sign_in_challenges_account_id_fkey foreign key (account_id) references accounts (id) on delete cascade,
  constraint sign_in_challenges_secret_hash_check check (octet_length(secret_hash) = 32),
  constraint sign_in_challenges_checked_check check (octet_length(checked) = 32)
);
alter table sign_in_challenges enable row level security, force row level security;
create policy owner_all on sign_in_challenges to waymark_owner using (true) with check (true);
create index sign_in_challenges_account_id_idx on sign_in_challenges (account_id);
create index sign_in_challenges_expires_at_idx on sign_in_challenges (expires_at);

-- Who says who somebody is, besides a password: the institution's OpenID provider. One row, like the settings. The secret is
-- sealed, so that the row alone opens nothing.
create table identity_providers (
  id int not null default 1,
  enabled boolean not null default false,
  issuer text,
  client_id text,
  sealed_secret text,
  label text,
  email_claim text not null default 'email',
  number_claim text,
  creates_students boolean not null default false,
  links_students boolean not null default false,
  requires_verified_email boolean not null default true,
  domains text[] not null default '{}',
  rules jsonb not null default '[]',
  student_passwords boolean not null default true,
  version int not null default 1,
  constraint identity_providers_pkey primary key (id),
  constraint identity_providers_id_check check (id = 1),
  constraint identity_providers_enabled_check check (not enabled or issuer is not null and client_id is not null),
  constraint identity_providers_issuer_check check (char_length(issuer) between 1 and 500),
  constraint identity_providers_client_id_check check (char_length(client_id) between 1 and 500),
  constraint identity_providers_label_check check (char_length(label) between 1 and 100),
  constraint identity_providers_email_claim_check check (char_length(email_claim) between 1 and 200),
  constraint identity_providers_number_claim_check check (char_length(number_claim) between 1 and 200),
  constraint identity_providers_domains_check check (cardinality(domains) <= 50 and array_position(domains, null) is null),
  constraint identity_providers_rules_check check (jsonb_typeof(rules) = 'array' and jsonb_array_length(rules) <= 50)
);
alter table identity_providers enable row level security, force row level security;
create policy owner_all on identity_providers to waymark_owner using (true) with check (true);
insert into identity_providers (id) values (1);

-- Who somebody is to a provider: an issuer and what it calls the person, never an address.
create table identities (
  issuer text not null,
  subject text not null,
  account_id int not null,
  linked_at timestamptz not null default now(),
  used_at timestamptz not null default now(),
  constraint identities_pkey primary key (issuer, subject),
  constraint identities_account_id_key unique (account_id, issuer),
  constraint identities_account_id_fkey foreign key (account_id) references accounts (id) on delete cascade,
  constraint identities_subject_check check (char_length(subject) between 1 and 255)
);
alter table identities enable row level security, force row level security;
create policy owner_all on identities to waymark_owner using (true) with check (true);

-- Accounts that an admin lets be found by their address once: the next person whom the provider gives that address, verified,
-- is theirs from then on. Without such a row only students' accounts are found so, and only where the institution wants it.
create table awaited_identities (
  account_id int not null,
  made_at timestamptz not null default now(),
  constraint awaited_identities_pkey primary key (account_id),
  constraint awaited_identities_account_id_fkey foreign key (account_id) references accounts (id) on delete cascade
);
alter table awaited_identities enable row level security, force row level security;
create policy owner_all on awaited_identities to waymark_owner using (true) with check (true);

-- Sign-ins by a provider that have come to their end: each once, so that nobody can come in by repeating one.
create table spent_sign_ins (
  secret_hash bytea not null,
  spent_at timestamptz not null default now(),
  constraint spent_sign_ins_pkey primary key (secret_hash),
  constraint spent_sign_ins_secret_hash_check check (octet_length(secret_hash) = 32)
);
alter table spent_sign_ins enable row level security, force row level security;
create policy owner_all on spent_sign_ins to waymark_owner using (true) with check (true);
create index spent_sign_ins_spent_at_idx on spent_sign_ins (spent_at);
