-- A student's personal contact in a cohort: one of those who support it, shown before all others. Whoever leaves the groups
-- stays named and is not shown, until somebody else is named.
alter table enrollments
  add column contact_id int,
  add constraint enrollments_contact_id_fkey foreign key (contact_id) references accounts (id) on delete set null;
create index enrollments_contact_id_idx on enrollments (contact_id);
