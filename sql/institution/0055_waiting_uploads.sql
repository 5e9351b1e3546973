-- Who comes back to a file that waits finds where it goes on, and what it would do.

-- `address`: of the form that goes on with it. The counts are those of the last look, and null as long as there was none.
alter table uploads add column address text not null default '/imports', add column added int, add column updated int,
  add column unchanged int, add column failed int, add column missing int, add column suspended int, add column leaving int,
  add constraint uploads_address_check check (char_length(address) between 1 and 200),
  add constraint uploads_counts_check check (
    num_nulls(added, updated, unchanged, failed, missing, suspended, leaving) in (0, 7));
