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
alter table identity_providers enable row level security;
alter table identity_providers force row level security;
create policy owner_all on identity_providers to waymark_owner using (true) with check (true);
insert into identity_providers (id) values (1);
