-- SCIM 2.0: users and groups as an identity provider keeps them, and what an admin has ruled about them.

-- A user as sent. `email` is the address that an account gets, `account_id` the account that follows the user; there is none as
-- long as no rule gives a role. `granted_role`: the role that SCIM gave the account; an admin's later choice is another one.
-- `granted_number`: the number that SCIM gave it, by `employee_number`; a number that came otherwise stays when SCIM has none.
-- `suspended`: by SCIM, which may let the person in again. `problem`: the code of the refusal that keeps the account behind.
create table scim_users (
  id int not null generated always as identity,
  user_name text not null,
  external_id text,
  active boolean not null default true,
  display_name text,
  given_name text not null default '',
  family_name text not null default '',
  emails jsonb not null default '[]',
  email text,
  account_id int,
  granted_role text,
  suspended boolean not null default false,
  problem text,
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  version int not null default 1,
  employee_number text,
  granted_number text,
  constraint scim_users_pkey primary key (id),
  constraint scim_users_account_id_fkey foreign key (account_id) references accounts (id) on delete set null,
  constraint scim_users_user_name_check check (char_length(user_name) between 1 and 320),
  constraint scim_users_external_id_check check (char_length(external_id) between 1 and 255),
  constraint scim_users_display_name_check check (char_length(display_name) between 1 and 200),
  constraint scim_users_given_name_check check (char_length(given_name) <= 200),
  constraint scim_users_family_name_check check (char_length(family_name) <= 200),
  constraint scim_users_emails_check check (jsonb_typeof(emails) = 'array'),
  constraint scim_users_email_check check (char_length(email) between 3 and 254),
  constraint scim_users_granted_role_check check (granted_role in ('director', 'manager', 'staff', 'student')),
  constraint scim_users_employee_number_check check (char_length(employee_number) between 1 and 100),
  constraint scim_users_granted_number_check check (char_length(granted_number) between 1 and 100)
);
alter table scim_users enable row level security, force row level security;
create policy owner_all on scim_users to waymark_owner using (true) with check (true);
create unique index scim_users_user_name_key on scim_users (lower(user_name));
create unique index scim_users_account_id_key on scim_users (account_id) where account_id is not null;
create index scim_users_account_id_idx on scim_users (account_id);
create index scim_users_external_id_idx on scim_users (external_id);
create index scim_users_email_idx on scim_users (lower(email));
create unique index scim_users_employee_number_key on scim_users (employee_number) where employee_number is not null;

-- rule_version: raised by each change of the group's rule; it stands here because the rule may be none.
create table scim_groups (
  id int not null generated always as identity,
  display_name text not null,
  external_id text,
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  version int not null default 1,
  rule_version int not null default 1,
  constraint scim_groups_pkey primary key (id),
  constraint scim_groups_display_name_check check (char_length(display_name) between 1 and 200),
  constraint scim_groups_external_id_check check (char_length(external_id) between 1 and 255)
);
alter table scim_groups enable row level security, force row level security;
create policy owner_all on scim_groups to waymark_owner using (true) with check (true);
create index scim_groups_display_name_idx on scim_groups (lower(display_name));
create index scim_groups_external_id_idx on scim_groups (external_id);

create table scim_members (
  scim_group_id int not null,
  scim_user_id int not null,
  constraint scim_members_pkey primary key (scim_group_id, scim_user_id),
  constraint scim_members_scim_group_id_fkey foreign key (scim_group_id) references scim_groups (id) on delete cascade,
  constraint scim_members_scim_user_id_fkey foreign key (scim_user_id) references scim_users (id) on delete cascade
);
alter table scim_members enable row level security, force row level security;
create policy owner_all on scim_members to waymark_owner using (true) with check (true);
create index scim_members_scim_user_id_idx on scim_members (scim_user_id);

-- Groups of an identity provider that are members of others, as sent. A circle is nothing that must not be: it is walked once.
create table scim_subgroups (
  scim_group_id int not null,
  member_id int not null,
  constraint scim_subgroups_pkey primary key (scim_group_id, member_id),
  constraint scim_subgroups_scim_group_id_fkey foreign key (scim_group_id) references scim_groups (id) on delete cascade,
  constraint scim_subgroups_member_id_fkey foreign key (member_id) references scim_groups (id) on delete cascade
);
alter table scim_subgroups enable row level security, force row level security;
create policy owner_all on scim_subgroups to waymark_owner using (true) with check (true);
create index scim_subgroups_member_id_idx on scim_subgroups (member_id);

-- One row. `default_role`: what whoever is in no group with a rule becomes; null: nothing, there is no account.
create table scim_rules (
  id int not null default 1,
  default_role text,
  version int not null default 1,
  constraint scim_rules_pkey primary key (id),
  constraint scim_rules_id_check check (id = 1),
  constraint scim_rules_default_role_check check (default_role = 'student')
);
alter table scim_rules enable row level security, force row level security;
create policy owner_all on scim_rules to waymark_owner using (true) with check (true);
insert into scim_rules (id) values (1);

-- What members of a group become, and of which support group they are members then. Nobody is an admin by a rule.
create table scim_group_rules (
  scim_group_id int not null,
  role text not null,
  group_id int,
  constraint scim_group_rules_pkey primary key (scim_group_id),
  constraint scim_group_rules_scim_group_id_fkey foreign key (scim_group_id) references scim_groups (id) on delete cascade,
  constraint scim_group_rules_group_id_fkey foreign key (group_id) references groups (id) on delete set null,
  constraint scim_group_rules_role_check check (role in ('director', 'manager', 'staff', 'student')),
  constraint scim_group_rules_member_check check (group_id is null or role <> 'student')
);
alter table scim_group_rules enable row level security, force row level security;
create policy owner_all on scim_group_rules to waymark_owner using (true) with check (true);
create index scim_group_rules_group_id_idx on scim_group_rules (group_id);
