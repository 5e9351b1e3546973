-- Imports take their turn, on all servers together, and nobody else waits for one.

-- One row for each kind of work that an institution does one at a time. Whoever has the turn has the row locked, for as
-- long as the transaction: a dead owner's turn ends with it. (A row, not an advisory lock: those are revoked, and a new
-- grant to the owner would need a superuser.)
create table turns (
  work text not null,
  constraint turns_pkey primary key (work)
);
alter table turns enable row level security;
alter table turns force row level security;
create policy owner_all on turns to waymark_owner using (true) with check (true);
insert into turns (work) values ('import');

-- An update of a column of a unique index locks the row against foreign keys' checks too, as if it were deleted: sign-in
-- and submission wait for it. Indexes with a condition or an expression are spared, because no foreign key can use them.
alter table accounts drop constraint accounts_student_number_key;
create unique index accounts_student_number_key on accounts (student_number) where student_number is not null;
