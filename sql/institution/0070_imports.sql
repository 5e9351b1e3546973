-- Files of people: what the columns of an institution's files hold, and files that wait for a yes.

-- What a heading means, once an admin has said so; null: nothing that is of use here.
create table import_columns (
  heading text not null,
  field text,
  constraint import_columns_pkey primary key (heading),
  constraint import_columns_heading_check check (char_length(heading) between 1 and 200),
  constraint import_columns_field_check check (field ~ '^[a-z_]{1,40}$')
);
alter table import_columns enable row level security, force row level security;
create policy owner_all on import_columns to waymark_owner using (true) with check (true);

-- A file that was sent and shown, and waits for its sender to say yes: only there, and for a day. `encoding`, `delimiter` and
-- `columns` are what the sender said of it; null where it is read as it looks. `address`: of the form that goes on with it. The
-- counts are those of the last look, and null as long as there was none.
create table uploads (
  id int not null generated always as identity,
  account_id int not null default waymark.account_id(),
  name text not null,
  encoding text,
  delimiter text,
  columns text[],
  created_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '1 day',
  address text not null default '/imports',
  added int,
  updated int,
  unchanged int,
  failed int,
  missing int,
  suspended int,
  leaving int,
  constraint uploads_pkey primary key (id),
  constraint uploads_account_id_key unique (account_id, id),
  constraint uploads_account_id_fkey foreign key (account_id) references accounts (id) on delete cascade,
  constraint uploads_name_check check (char_length(name) <= 255),
  constraint uploads_encoding_check check (char_length(encoding) <= 40),
  constraint uploads_delimiter_check check (char_length(delimiter) <= 40),
  constraint uploads_columns_check check (cardinality(columns) <= 256),
  constraint uploads_address_check check (char_length(address) between 1 and 200),
  constraint uploads_counts_check check (
    num_nulls(added, updated, unchanged, failed, missing, suspended, leaving) in (0, 7))
);
alter table uploads enable row level security, force row level security;
create policy owner_all on uploads to waymark_owner using (true) with check (true);
create index uploads_expires_at_idx on uploads (expires_at);

-- Its content, as in file_chunks.
create table upload_pieces (
  upload_id int not null,
  n int not null,
  account_id int not null default waymark.account_id(),
  bytes bytea not null,
  constraint upload_pieces_pkey primary key (upload_id, n),
  constraint upload_pieces_upload_id_fkey foreign key (account_id, upload_id)
    references uploads (account_id, id) on delete cascade,
  constraint upload_pieces_n_check check (n >= 0),
  constraint upload_pieces_bytes_check check (octet_length(bytes) between 1 and 1048576)
);
alter table upload_pieces alter column bytes set storage external;
alter table upload_pieces enable row level security, force row level security;
create policy owner_all on upload_pieces to waymark_owner using (true) with check (true);
create index upload_pieces_upload_id_idx on upload_pieces (account_id, upload_id);
