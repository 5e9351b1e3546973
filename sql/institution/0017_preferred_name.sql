-- What people want to be called. Everybody is shown by it, where there is one: `name` begins with it, lists stand in order of
-- family name and it, and searches find it and the given name. They find the student number too.

alter table accounts add column preferred_name text,
  add constraint accounts_preferred_name_check check (char_length(preferred_name) between 1 and 100);

-- How a column is generated cannot be changed. The old ones get out of the way under other names: the views of the version
-- before go on reading them until `definitions/00_reset.sql`, in the next transaction, drops those views and then them.
alter table accounts rename column name to name_before;
alter table accounts rename column sort_name to sort_name_before;
alter table accounts rename column search_text to search_text_before;
drop index accounts_search_text_idx, accounts_sort_name_idx, accounts_status_idx, accounts_employed_idx;

alter table accounts
  add column name text not null
    generated always as (btrim(coalesce(preferred_name, given_name) || ' ' || family_name)) stored,
  add column sort_name text not null
    generated always as (lower(btrim(family_name || ' ' || coalesce(preferred_name, given_name)))) stored,
  -- the whole name is found both ways: "Kate Hepburn" and "Katherine Hepburn"
  add column search_text text not null
    generated always as (lower(coalesce(preferred_name || ' ' || family_name || ' ', '') || given_name || ' ' || family_name
      || ' ' || email || coalesce(' ' || student_number, ''))) stored;
create index accounts_search_text_idx on accounts using gin (search_text waymark.gin_trgm_ops);
create index accounts_sort_name_idx on accounts (sort_name, id);
create index accounts_status_idx on accounts (status, sort_name, id) where status <> 'active';
create index accounts_employed_idx on accounts (role, sort_name, id) where role <> 'student';

-- What the definitions give anyway: for the servers that read between this transaction and theirs.
grant select (name, sort_name, search_text) on accounts to inst_{{id}}_admin;
grant select (name, sort_name) on accounts
  to inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff, inst_{{id}}_student;
