-- Groups of an identity provider that are members of others, as sent. A circle is nothing that must not be: it is walked once.
create table scim_subgroups (
  scim_group_id int not null,
  member_id int not null,
  constraint scim_subgroups_pkey primary key (scim_group_id, member_id),
  constraint scim_subgroups_scim_group_id_fkey foreign key (scim_group_id) references scim_groups (id) on delete cascade,
  constraint scim_subgroups_member_id_fkey foreign key (member_id) references scim_groups (id) on delete cascade
);
alter table scim_subgroups enable row level security;
alter table scim_subgroups force row level security;
create policy owner_all on scim_subgroups to waymark_owner using (true) with check (true);
create index scim_subgroups_member_id_idx on scim_subgroups (member_id);
