-- A student of whom nothing is kept that says who it was. The row stays, because reports count what hangs on it, and can never be
-- anybody's again: whatever would bring it back or give it a name breaks the constraint.
alter table accounts
  add column erased_at timestamptz,
  add constraint accounts_erased_check check (
    erased_at is null
    or role = 'student' and status = 'archived' and given_name = 'Erased' and family_name = 'student'
      and preferred_name is null and student_number is null and password_hash is null
      and email = 'erased-' || id || '@waymark.invalid');
