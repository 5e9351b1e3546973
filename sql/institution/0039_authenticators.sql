-- A second step of signing in: codes of an authenticator app (RFC 6238).

-- What an account's app was given. The seed is sealed by a key that is not in this database, and counts once a code has confirmed it.
-- `last_step` is the time step of the last code that was used, so that none works twice. Of recovery codes the SHA-256 is kept,
-- until they are used.
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
alter table authenticators enable row level security;
alter table authenticators force row level security;
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
alter table sign_in_challenges enable row level security;
alter table sign_in_challenges force row level security;
create policy owner_all on sign_in_challenges to waymark_owner using (true) with check (true);
create index sign_in_challenges_account_id_idx on sign_in_challenges (account_id);
create index sign_in_challenges_expires_at_idx on sign_in_challenges (expires_at);

-- Whether admins must have such an app.
alter table settings add column admins_need_codes boolean not null default false;

-- Word that codes are asked for from now on, or no more. A worker of the version before would send something else in their place:
-- without a hash it cannot take them.
alter table mails
  drop constraint mails_kind_check,
  add constraint mails_kind_check
    check (kind in ('reminder', 'request', 'invitation', 'reset', 'password', 'codes-on', 'codes-off')),
  drop constraint mails_link_hash_check,
  add constraint mails_link_hash_check check (
    octet_length(link_hash) = 32
    or link_hash is null and (kind not in ('invitation', 'reset', 'codes-on', 'codes-off') or state <> 'sending'));
