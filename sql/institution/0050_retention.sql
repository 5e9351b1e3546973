-- For how many days an institution keeps what; null: for good. The least is the database's to say, so that no mistyped
-- number takes away what was done last week.
alter table settings
  add column keep_students_days int,
  add column keep_audit_days int,
  add column keep_mails_days int default 400,
  add column keep_files_days int,
  add constraint settings_keep_students_days_check check (keep_students_days between 30 and 36500),
  add constraint settings_keep_audit_days_check check (keep_audit_days between 365 and 36500),
  add constraint settings_keep_mails_days_check check (keep_mails_days between 30 and 36500),
  add constraint settings_keep_files_days_check check (keep_files_days between 30 and 36500);

-- Since when somebody is archived: what the trigger `date_archiving` (definitions/34_retention.sql) writes. Of who was
-- archived before, the audit knows, or it counts from now.
alter table accounts add column archived_at timestamptz;
update accounts a set archived_at = coalesce(
    (select max(x.at) from audit x
      where x.subject = 'account/' || a.id and x.after ->> 'status' = 'archived' and x.before ->> 'status' <> 'archived'),
    now())
 where a.status = 'archived';
create index accounts_archived_at_idx on accounts (archived_at) where status = 'archived';
