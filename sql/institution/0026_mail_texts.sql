-- What admins make of the reminders' mail: texts of their own, and the language of who has chosen none.

-- Null: the program's own. `mail_recipients` and pages go by it.
alter table settings add column language text,
  add constraint settings_language_check check (language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$');

-- One row for each language whose texts are the institution's own; without a row they are the program's. `{name}` and the like
-- in them are filled in by the program, which lets no others through.
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
alter table mail_templates enable row level security;
alter table mail_templates force row level security;
create policy owner_all on mail_templates to waymark_owner using (true) with check (true);

-- How many were reminded of a milestone.
create index mails_milestone_ids_idx on mails using gin (milestone_ids) where state = 'sent';
