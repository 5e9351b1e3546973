-- Invitations and new passwords by mail.

-- What a mail is about. `invitation` and `reset` carry a link, whose secret is made when a worker takes the mail, so that
-- only its hash is ever stored; `password` tells that the password is another now. A worker of the version before would
-- send what a reminder says in their place: without a hash it cannot take them, and goes on once another has.
alter table mails
  add column link_hash bytea,
  drop constraint mails_kind_check,
  add constraint mails_kind_check check (kind in ('reminder', 'request', 'invitation', 'reset', 'password')),
  drop constraint mails_since_at_check,
  add constraint mails_since_at_check check (
    case kind when 'request' then day is null and since is null and since_at is not null
      else day is not null and since is not null and since_at is null end),
  add constraint mails_link_hash_check
    check (octet_length(link_hash) = 32 or link_hash is null and (kind not in ('invitation', 'reset') or state <> 'sending'));

-- What a link is for: a first password for seven days, or another one for an hour.
alter table invitations
  add column kind text not null default 'invitation',
  add constraint invitations_kind_check check (kind in ('invitation', 'reset'));

-- Who wants another password, by the address that somebody typed. Whether it is anybody's is found out by the background
-- work, so that a request takes as long for an address that nobody has. Rows go when they are looked at.
create table reset_requests (
  address text not null,
  asked_at timestamptz not null default now(),
  constraint reset_requests_pkey primary key (address),
  constraint reset_requests_address_check check (char_length(address) between 3 and 254)
);
alter table reset_requests enable row level security;
alter table reset_requests force row level security;
create policy owner_all on reset_requests to waymark_owner using (true) with check (true);
