-- The institution's people, and the cards by which they are reached.

-- People. Some have one name: whether a system takes it for the first or the last is not for us to say. preferred_name is what
-- they want to be called. name, sort_name and search_text are what lists show, sort by and search in, so that every list does
-- it alike (search_text like '%' || waymark.folded(q) || '%' uses the trigram index).
--
-- archived_at: since when somebody is archived, as the trigger `date_archiving` (definitions/34_retention.sql) writes it.
-- erased_at: a student of whom nothing is kept that says who it was. The row stays, because reports count what hangs on it, and
-- can never be anybody's again: whatever would bring it back or give it a name breaks the constraint.
create table accounts (
  id int not null generated always as identity,
  email text not null,
  given_name text not null,
  family_name text not null default '',
  role text not null,
  status text not null default 'active',
  student_number text,
  password_hash text,
  created_at timestamptz not null default now(),
  version int not null default 1,
  preferred_name text,
  name text not null
    generated always as (btrim(coalesce(preferred_name, given_name) || ' ' || family_name)) stored,
  sort_name text not null
    generated always as (lower(btrim(family_name || ' ' || coalesce(preferred_name, given_name)))) stored,
  -- the whole name is found both ways: "Kate Hepburn" and "Katherine Hepburn"
  search_text text not null
    generated always as (waymark.folded(coalesce(preferred_name || ' ' || family_name || ' ', '') || given_name || ' '
      || family_name || ' ' || email || coalesce(' ' || student_number, ''))) stored,
  archived_at timestamptz,
  erased_at timestamptz,
  constraint accounts_pkey primary key (id),
  constraint accounts_id_role_key unique (id, role),
  constraint accounts_email_check
    check (char_length(email) between 3 and 254 and email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
  constraint accounts_given_name_check check (char_length(given_name) <= 200),
  constraint accounts_family_name_check check (char_length(family_name) <= 200),
  constraint accounts_names_check check (given_name <> '' or family_name <> ''),
  constraint accounts_preferred_name_check check (char_length(preferred_name) between 1 and 100),
  constraint accounts_role_check check (role in ('admin', 'director', 'manager', 'staff', 'student')),
  constraint accounts_status_check check (status in ('active', 'suspended', 'archived')),
  constraint accounts_student_number_check check (char_length(student_number) between 1 and 100),
  constraint accounts_erased_check check (
    erased_at is null
    or role = 'student' and status = 'archived' and given_name = 'Erased' and family_name = 'student'
      and preferred_name is null and student_number is null and password_hash is null
      and email = 'erased-' || id || '@waymark.invalid')
);
alter table accounts enable row level security, force row level security;
create policy owner_all on accounts to waymark_owner using (true) with check (true);
create unique index accounts_email_key on accounts (lower(email));
-- An update of a column of a unique index locks the row against foreign keys' checks too, as if it were deleted: sign-in and
-- submission would wait for an import. Indexes with a condition or an expression are spared, for no foreign key can use them.
create unique index accounts_student_number_key on accounts (student_number) where student_number is not null;
create index accounts_search_text_idx on accounts using gin (search_text waymark.gin_trgm_ops);
create index accounts_sort_name_idx on accounts (sort_name, id);
-- the few who may not come in, or are gone
create index accounts_status_idx on accounts (status, sort_name, id) where status <> 'active';
-- the few who are not students: the directory, the last active admin
create index accounts_employed_idx on accounts (role, sort_name, id) where role <> 'student';
create index accounts_archived_at_idx on accounts (archived_at) where status = 'archived';

-- How to reach somebody who is not a student; account_role makes that a constraint. `email` need not be the address they sign in
-- with. A published card that tells no way to reach anybody is shown, and counts nowhere as one (`reachable`).
create table cards (
  account_id int not null,
  account_role text not null,
  title text,
  office text,
  phone text,
  location text,
  biography text,
  hours text,
  booking_url text,
  published boolean not null default false,
  version int not null default 1,
  email text,
  reachable boolean not null
    generated always as (email is not null or phone is not null or booking_url is not null) stored,
  constraint cards_pkey primary key (account_id),
  constraint cards_account_id_fkey foreign key (account_id, account_role)
    references accounts (id, role) on update cascade on delete cascade,
  constraint cards_account_role_check check (account_role <> 'student'),
  constraint cards_title_check check (char_length(title) <= 200),
  constraint cards_office_check check (char_length(office) <= 200),
  constraint cards_phone_check check (char_length(phone) <= 100),
  constraint cards_location_check check (char_length(location) <= 200),
  constraint cards_biography_check check (char_length(biography) <= 10000),
  constraint cards_hours_check check (char_length(hours) <= 1000),
  constraint cards_booking_url_check
    check (booking_url ~ '^https://[^[:space:]]+$' and char_length(booking_url) <= 2000),
  constraint cards_email_check check (char_length(email) between 3 and 254)
);
alter table cards enable row level security, force row level security;
create policy owner_all on cards to waymark_owner using (true) with check (true);
