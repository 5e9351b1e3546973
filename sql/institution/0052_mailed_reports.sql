-- Reports that go out by mail each week, to admins who were named.

-- `category_id`, `cohort_id`, `group_id`, `from_on`, `to_on`: what the report is about, as in a link to it; of what is gone there
-- is nothing to report. `weekday`: 1 is Monday. `planned_until`: what was due until then has its mails.
create table mailed_reports (
  id int not null generated always as identity,
  report text not null,
  category_id int,
  cohort_id int,
  group_id int,
  from_on date,
  to_on date,
  weekday int not null,
  hour int not null,
  recipients int[] not null,
  planned_until timestamptz not null default now(),
  version int not null default 1,
  constraint mailed_reports_pkey primary key (id),
  constraint mailed_reports_report_check check (char_length(report) between 1 and 100),
  constraint mailed_reports_weekday_check check (weekday between 1 and 7),
  constraint mailed_reports_hour_check check (hour between 0 and 23),
  constraint mailed_reports_recipients_check
    check (cardinality(recipients) between 1 and 50 and array_position(recipients, null) is null)
);
alter table mailed_reports enable row level security;
alter table mailed_reports force row level security;
create policy owner_all on mailed_reports to waymark_owner using (true) with check (true);

-- Such a mail is for `since_at`, the moment it was due. A worker of the version before would send what a reminder says in its
-- place: without a hash it cannot take it, and goes on once another has.
alter table mails
  add column report_id int,
  add constraint mails_report_id_fkey foreign key (report_id) references mailed_reports (id) on delete set null,
  drop constraint mails_kind_check,
  add constraint mails_kind_check
    check (kind in ('reminder', 'request', 'invitation', 'reset', 'password', 'codes-on', 'codes-off', 'report')),
  drop constraint mails_since_at_check,
  add constraint mails_since_at_check check (
    case when kind in ('request', 'report') then day is null and since is null and since_at is not null
      else day is not null and since is not null and since_at is null end),
  drop constraint mails_link_hash_check,
  add constraint mails_link_hash_check check (
    octet_length(link_hash) = 32
    or link_hash is null and (kind not in ('invitation', 'reset', 'codes-on', 'codes-off', 'report') or state <> 'sending'));
create index mails_report_id_idx on mails (report_id);
create unique index mails_report_key on mails (report_id, account_id, since_at) where report_id is not null;
