-- Mail to people of the institution: what goes out, who wants it, and how it is worded.

-- Reports that go out by mail each week, to admins who were named. `category_id`, `cohort_id`, `group_id`, `from_on`, `to_on`: what
-- the report is about, as in a link to it; of what is gone there is nothing to report. `weekday`: 1 is Monday. `planned_until`:
-- what was due until then has its mails.
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
alter table mailed_reports enable row level security, force row level security;
create policy owner_all on mailed_reports to waymark_owner using (true) with check (true);

-- One row for each mail, kept after it has left. What it says is not kept: it is made when it is sent, of what holds then.
-- message_id follows from the row, so that a second copy is known as one.
--   waiting -> sending -> sent | dropped (nothing of it held any more) | waiting (again at due_at) | failed (an admin may
--   send it again)
-- due_at: when to look at it next; while it is being sent, when its lease ends. Null when it is settled.
--
-- since, day: a reminder is of the days after the one, up to the other; more than one day only where no worker ran in between.
-- Mail about requests belongs to no day, for there may be several on one. since_at: when the first request came that it is to
-- tell of. While it `collects`, the next request joins it; once it was taken to be sent, the next one begins another. A report is
-- for since_at too, the moment it was due.
--
-- `invitation` and `reset` carry a link, whose secret is made when a worker takes the mail, so that only its hash is ever stored.
-- `password`, `codes-on` and `codes-off` tell that the password is another now, that codes are asked for from now on, or no more.
-- The kinds that came later are taken with a hash too, because a worker that does not know them has none to give.
create table mails (
  id bigint not null generated always as identity,
  account_id int not null,
  kind text not null,
  day date,
  since date,
  message_id text not null,
  state text not null default 'waiting',
  attempts int not null default 0,
  due_at timestamptz,
  lease uuid,
  reason text,
  milestone_ids int[] not null default '{}',
  settled_at timestamptz,
  since_at timestamptz,
  collects boolean not null default false,
  link_hash bytea,
  report_id int,
  constraint mails_pkey primary key (id),
  constraint mails_account_id_key unique (account_id, kind, day),
  constraint mails_account_id_fkey foreign key (account_id) references accounts (id) on delete cascade,
  constraint mails_report_id_fkey foreign key (report_id) references mailed_reports (id) on delete set null,
  constraint mails_kind_check
    check (kind in ('reminder', 'request', 'invitation', 'reset', 'password', 'codes-on', 'codes-off', 'report')),
  constraint mails_since_check check (since < day),
  constraint mails_since_at_check check (
    case when kind in ('request', 'report') then day is null and since is null and since_at is not null
      else day is not null and since is not null and since_at is null end),
  constraint mails_state_check check (state in ('waiting', 'sending', 'sent', 'dropped', 'failed')),
  constraint mails_due_at_check check ((due_at is not null) = (state in ('waiting', 'sending'))),
  constraint mails_lease_check check ((lease is not null) = (state = 'sending')),
  constraint mails_link_hash_check check (
    octet_length(link_hash) = 32
    or link_hash is null and (kind not in ('invitation', 'reset', 'codes-on', 'codes-off', 'report') or state <> 'sending')),
  constraint mails_settled_at_check check ((settled_at is not null) = (state in ('sent', 'dropped', 'failed')))
);
alter table mails enable row level security, force row level security;
create policy owner_all on mails to waymark_owner using (true) with check (true);
create index mails_due_at_idx on mails (due_at) where due_at is not null;
create index mails_settled_at_idx on mails (settled_at) where settled_at is not null;
create index mails_failed_idx on mails (id) where state = 'failed';
-- How many were reminded of a milestone.
create index mails_milestone_ids_idx on mails using gin (milestone_ids) where state = 'sent';
create unique index mails_collects_key on mails (account_id) where collects;
create index mails_report_id_idx on mails (report_id);
create unique index mails_report_key on mails (report_id, account_id, since_at) where report_id is not null;

-- Which mail somebody wants, and in which language; no row: reminders, in the default one. Whoever holds the token may unsubscribe
-- its owner, and nothing else.
create table mail_preferences (
  account_id int not null,
  reminders boolean not null default true,
  language text,
  token uuid not null default gen_random_uuid(),
  requests boolean not null default false,
  constraint mail_preferences_pkey primary key (account_id),
  constraint mail_preferences_token_key unique (token),
  constraint mail_preferences_account_id_fkey foreign key (account_id) references accounts (id) on delete cascade,
  constraint mail_preferences_language_check check (language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$')
);
alter table mail_preferences enable row level security, force row level security;
create policy owner_all on mail_preferences to waymark_owner using (true) with check (true);

-- The institution's own texts of reminders: one row for each language that has them; without a row they are the program's. `{name}`
-- and the like in them are filled in by the program, which lets no others through.
create table mail_templates (
  language text not null,
  subject text not null,
  opening text not null,
  closing text not null,
  version int not null default 1,
  constraint mail_templates_pkey primary key (language),
  constraint mail_templates_language_check check (language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
  constraint mail_templates_subject_check check (char_length(subject) between 1 and 200),
  constraint mail_templates_opening_check check (char_length(opening) between 1 and 2000),
  constraint mail_templates_closing_check check (char_length(closing) <= 2000)
);
alter table mail_templates enable row level security, force row level security;
create policy owner_all on mail_templates to waymark_owner using (true) with check (true);

-- The same, of mail about requests.
create table request_templates (
  language text not null,
  subject text not null,
  opening text not null,
  closing text not null,
  version int not null default 1,
  constraint request_templates_pkey primary key (language),
  constraint request_templates_language_check check (language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
  constraint request_templates_subject_check check (char_length(subject) between 1 and 200),
  constraint request_templates_opening_check check (char_length(opening) between 1 and 2000),
  constraint request_templates_closing_check check (char_length(closing) <= 2000)
);
alter table request_templates enable row level security, force row level security;
create policy owner_all on request_templates to waymark_owner using (true) with check (true);
