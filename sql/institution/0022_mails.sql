-- Mail to people of the institution: one row for each, kept after it has left.

-- What a mail says is not kept: it is made when it is sent, of what holds then. `since` and `day`: the reminders of the days
-- after the one, up to the other; more than one day only where no worker ran in between. message_id follows from
-- institution, account and day, so that a second copy is known as one.
--   waiting -> sending -> sent | dropped (nothing of it held any more) | waiting (again at due_at) | failed (an admin may
--   send it again)
-- due_at: when to look at it next; while it is being sent, when its lease ends. Null when it is settled.
create table mails (
  id bigint not null generated always as identity,
  account_id int not null,
  kind text not null,
  day date not null,
  since date not null,
  message_id text not null,
  state text not null default 'waiting',
  attempts int not null default 0,
  due_at timestamptz,
  lease uuid,
  reason text,
  milestone_ids int[] not null default '{}',
  settled_at timestamptz,
  constraint mails_pkey primary key (id),
  constraint mails_account_id_key unique (account_id, kind, day),
  constraint mails_account_id_fkey foreign key (account_id) references accounts (id) on delete cascade,
  constraint mails_kind_check check (kind in ('reminder')),
  constraint mails_since_check check (since < day),
  constraint mails_state_check check (state in ('waiting', 'sending', 'sent', 'dropped', 'failed')),
  constraint mails_due_at_check check ((due_at is not null) = (state in ('waiting', 'sending'))),
  constraint mails_lease_check check ((lease is not null) = (state = 'sending')),
  constraint mails_settled_at_check check ((settled_at is not null) = (state in ('sent', 'dropped', 'failed')))
);
alter table mails enable row level security;
alter table mails force row level security;
create policy owner_all on mails to waymark_owner using (true) with check (true);
create index mails_due_at_idx on mails (due_at) where due_at is not null;
create index mails_settled_at_idx on mails (settled_at) where settled_at is not null;
create index mails_failed_idx on mails (id) where state = 'failed';

-- Which mail somebody wants, and in which language; no row: all, in the default one. Whoever holds the token may unsubscribe
-- its owner, and nothing else.
create table mail_preferences (
  account_id int not null,
  reminders boolean not null default true,
  language text,
  token uuid not null default gen_random_uuid(),
  constraint mail_preferences_pkey primary key (account_id),
  constraint mail_preferences_token_key unique (token),
  constraint mail_preferences_account_id_fkey foreign key (account_id) references accounts (id) on delete cascade,
  constraint mail_preferences_language_check check (language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$')
);
alter table mail_preferences enable row level security;
alter table mail_preferences force row level security;
create policy owner_all on mail_preferences to waymark_owner using (true) with check (true);

-- The last day whose reminders were planned.
alter table turns add column done_on date;
insert into turns (work) values ('reminders');

-- Nothing was ever sent by it; what went out is in `mails`.
drop view if exists due_reminders;
drop table sent_reminders;
