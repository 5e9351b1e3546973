-- Files of people that are put into a folder which the background work watches. One row, like the settings: whether the folder is
-- taken in at all, whether people who are missing in a file of all are suspended, and whether what fits is stored alone.
-- lease: of the server that takes files in just now. working_on: the SHA-256 of the file that it has in hand, and tries: how often one
-- has begun with it. A file on which servers stop again and again is refused in the end.
create table import_folders (
  id int not null default 1,
  enabled boolean not null default false,
  suspends_missing boolean not null default false,
  partial boolean not null default false,
  version int not null default 1,
  lease uuid,
  lease_ends_at timestamptz,
  working_on bytea,
  tries int not null default 0,
  constraint import_folders_pkey primary key (id),
  constraint import_folders_id_check check (id = 1),
  constraint import_folders_lease_check check ((lease is null) = (lease_ends_at is null)),
  constraint import_folders_working_on_check check (octet_length(working_on) = 32)
);
alter table import_folders enable row level security, force row level security;
create policy owner_all on import_folders to waymark_owner using (true) with check (true);
insert into import_folders (id) values (1);

-- Each file that was taken from the folder, written in the transaction that stores what it says:
--   done | refused | waiting for an admin's yes to so many who would be suspended -> done | refused
-- digest: SHA-256 of the content; null where nobody read it. moved: it lies in the folder no longer. account_id: who said yes or no,
-- and most_suspended: to how many.
create table folder_files (
  id int not null generated always as identity,
  name text not null,
  size int not null default 0,
  digest bytea,
  state text not null,
  moved boolean not null default false,
  account_id int,
  most_suspended int,
  started_at timestamptz not null,
  ended_at timestamptz,
  added int not null default 0,
  updated int not null default 0,
  unchanged int not null default 0,
  failed int not null default 0,
  skipped int not null default 0,
  suspended int not null default 0,
  leaving int not null default 0,
  fault text,
  detail text,
  fault_count int,
  fault_most int,
  problems text[] not null default '{}',
  constraint folder_files_pkey primary key (id),
  constraint folder_files_account_id_fkey foreign key (account_id) references accounts (id) on delete set null,
  constraint folder_files_name_check check (char_length(name) <= 255),
  constraint folder_files_size_check check (size >= 0),
  constraint folder_files_digest_check check (octet_length(digest) = 32),
  constraint folder_files_state_check check (state in ('waiting', 'done', 'refused')),
  constraint folder_files_ended_at_check check ((ended_at is null) = (state = 'waiting')),
  constraint folder_files_most_suspended_check check (most_suspended >= 0),
  constraint folder_files_fault_check check ((fault is null) = (state = 'done') and char_length(fault) between 1 and 50),
  constraint folder_files_detail_check check (char_length(detail) <= 1000),
  constraint folder_files_problems_check check (cardinality(problems) <= 50 and array_position(problems, null) is null)
);
alter table folder_files enable row level security, force row level security;
create policy owner_all on folder_files to waymark_owner using (true) with check (true);
create index folder_files_account_id_idx on folder_files (account_id);
create index folder_files_name_idx on folder_files (name, id);
