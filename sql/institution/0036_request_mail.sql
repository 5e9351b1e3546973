-- Requests that wait are told by mail to those members of the cohort's groups who want it. What comes within some minutes is one
-- mail.

-- A mail about requests belongs to no day: there may be several on one. `since_at` is when the first request came that it is to
-- tell of. While it `collects`, the next request joins it; once it was taken to be sent, the next one begins another.
alter table mails
  alter column day drop not null,
  alter column since drop not null,
  add column since_at timestamptz,
  add column collects boolean not null default false,
  drop constraint mails_kind_check,
  add constraint mails_kind_check check (kind in ('reminder', 'request')),
  add constraint mails_since_at_check check (
    case kind when 'reminder' then day is not null and since is not null and since_at is null
      else day is null and since is null and since_at is not null end);
create unique index mails_collects_key on mails (account_id) where collects;

-- Nobody gets more mail than before who has not asked for it.
alter table mail_preferences add column requests boolean not null default false;

-- As mail_templates, of mail about requests. A table of its own, because a server of the version before takes every row of that
-- one for a text of reminders.
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
alter table request_templates enable row level security;
alter table request_templates force row level security;
create policy owner_all on request_templates to waymark_owner using (true) with check (true);
