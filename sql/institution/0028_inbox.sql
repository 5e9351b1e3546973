-- What of somebody's inbox is read. What is in an inbox is kept nowhere: the view `inbox` derives it of what waits and of what was
-- done. `entry` names one thing; '' stands for all of it up to `at`. Who was here before has read everything.
create table inbox_reads (
  account_id int not null default waymark.account_id(),
  entry text not null,
  at timestamptz not null default now(),
  constraint inbox_reads_pkey primary key (account_id, entry),
  constraint inbox_reads_account_id_fkey foreign key (account_id) references accounts (id) on delete cascade,
  constraint inbox_reads_entry_check check (char_length(entry) <= 100)
);
alter table inbox_reads enable row level security;
alter table inbox_reads force row level security;
create policy owner_all on inbox_reads to waymark_owner using (true) with check (true);
create index inbox_reads_at_idx on inbox_reads (at);
insert into inbox_reads (account_id, entry) select id, '' from accounts;

-- The audit tells who joined and left a group, and which group came to a cohort and left it: few rows of many.
create index audit_members_idx on audit ((coalesce(after, before) ->> 'accountId'), at)
  where action in ('membership.create', 'membership.delete');
create index audit_supported_idx on audit (subject, at) where action in ('attachment.create', 'attachment.delete');
create index audit_supporting_idx on audit ((coalesce(after, before) ->> 'groupId'), at)
  where action in ('attachment.create', 'attachment.delete');
