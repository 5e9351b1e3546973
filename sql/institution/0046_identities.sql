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
alter table identities enable row level security;
alter table identities force row level security;
create policy owner_all on identities to waymark_owner using (true) with check (true);

-- Accounts that an admin lets be found by their address once: the next person whom the provider gives that address, verified,
-- is theirs from then on. Without such a row only students' accounts are found so, and only where the institution wants it.
create table awaited_identities (
  account_id int not null,
  made_at timestamptz not null default now(),
  constraint awaited_identities_pkey primary key (account_id),
  constraint awaited_identities_account_id_fkey foreign key (account_id) references accounts (id) on delete cascade
);
alter table awaited_identities enable row level security;
alter table awaited_identities force row level security;
create policy owner_all on awaited_identities to waymark_owner using (true) with check (true);

-- Sign-ins by a provider that have come to their end: each once, so that nobody can come in by repeating one.
create table spent_sign_ins (
  secret_hash bytea not null,
  spent_at timestamptz not null default now(),
  constraint spent_sign_ins_pkey primary key (secret_hash),
  constraint spent_sign_ins_secret_hash_check check (octet_length(secret_hash) = 32)
);
alter table spent_sign_ins enable row level security;
alter table spent_sign_ins force row level security;
create policy owner_all on spent_sign_ins to waymark_owner using (true) with check (true);
create index spent_sign_ins_spent_at_idx on spent_sign_ins (spent_at);
