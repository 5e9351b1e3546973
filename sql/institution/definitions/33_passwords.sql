-- Passwords changed by a link, by their owner, at today's cost; the links of mails, and word of what was changed.

-- Sets the password a link allows, once, and ends the account's sessions and its other links. Null where the link is unknown,
-- used or expired or the account is not active. Definer, so that the gate as such can change nobody's password.
create or replace function accept_invitation(secret bytea, new_password_hash text) returns int
language plpgsql volatile security definer set search_path = '' as $$
declare
  invited int;
begin
  -- `for update`, because a sign-in that just checked the old password holds a key share on the account
  perform from {{schema}}.accounts a
    where a.id = (select i.account_id from {{schema}}.invitations i where i.secret_hash = secret) for update;
  update {{schema}}.invitations i set used_at = now()
    from {{schema}}.accounts a
   where i.secret_hash = secret and i.used_at is null and i.expires_at > now()
     and a.id = i.account_id and a.status = 'active'
  returning i.account_id into invited;
  if invited is not null then
    update {{schema}}.accounts a set password_hash = new_password_hash, version = a.version + 1 where a.id = invited;
    delete from {{schema}}.sessions t where t.account_id = invited;
    delete from {{schema}}.invitations i where i.account_id = invited and i.used_at is null;
  end if;
  return invited;
end $$;

-- Makes the link of a mail whose worker holds it, and says until when it works; null where nobody is to get it any more.
-- Definer, so that the background work as such can make nobody a link without a mail that asks for it.
create or replace function make_link(of_mail bigint, held uuid) returns timestamptz
language plpgsql volatile security definer set search_path = '' as $$
declare
  until timestamptz;
begin
  insert into {{schema}}.invitations (secret_hash, account_id, kind, expires_at)
  select m.link_hash, a.id, m.kind, now() + case m.kind when 'reset' then interval '1 hour' else interval '7 days' end
    from {{schema}}.mails m
    join {{schema}}.accounts a on a.id = m.account_id and a.status = 'active'
   where m.id = of_mail and m.lease = held and m.state = 'sending' and m.kind in ('invitation', 'reset')
  returning expires_at into until;
  return until;
end $$;

-- Has a mail tell somebody that the password is another now (`password`), or that codes are asked for from now on or no more
-- (`codes-on`, `codes-off`). Definer: who changes them writes no mail.
create or replace function tell_of(account int, matter text) returns void
language plpgsql volatile security definer set search_path = '' as $$
begin
  if (matter = any ('{password,codes-on,codes-off}')) is not true then
    raise exception 'nothing to tell of' using errcode = '22023';
  end if;
  insert into {{schema}}.mails as m (account_id, kind, day, since, message_id, due_at)
  select account, matter, d.day, d.day - 1, matter || '.' || pg_catalog.gen_random_uuid() || '@' || n.slug, now()
    from {{schema}}.settings s
   cross join lateral (select waymark.day_of(now(), s.time_zone)) d (day)
    join waymark.institutions n on n.id = {{id}}
  on conflict (account_id, kind, day) do update
    set state = 'waiting', due_at = excluded.due_at, message_id = excluded.message_id, attempts = 0, reason = null,
        settled_at = null
  where m.settled_at is not null;
  perform {{schema}}.schedule_work();
end $$;

-- A server of the version before tells of passwords by this name. Goes with the version after this one.
create or replace function tell_of_password(account int) returns void
language sql volatile security definer set search_path = '' as $$
  select {{schema}}.tell_of(account, 'password')
$$;

-- Puts a hash of the same password at today's cost in the place of the one that was just checked, and of no other.
-- Definer for the same reason.
create or replace function renew_password_hash(account int, checked text, renewed text) returns void
language sql volatile security definer set search_path = '' as $$
  update {{schema}}.accounts a set password_hash = renewed
   where a.id = account and a.status = 'active' and a.password_hash = checked
$$;

-- Puts the hash of a new password in the place of the one that was just checked, ends the account's other sessions and
-- withdraws its invitations. False where the account has another password by now. Definer for the same reason.
create or replace function change_password(account int, checked text, new_password_hash text, kept_token bytea)
returns boolean language plpgsql volatile security definer set search_path = '' as $$
begin
  -- `for update`, as above: a sign-in with the old password is either over, and its session ended, or it is refused
  perform from {{schema}}.accounts a where a.id = account for update;
  update {{schema}}.accounts a set password_hash = new_password_hash, version = a.version + 1
   where a.id = account and a.status = 'active' and a.password_hash = checked;
  if not found then
    return false;
  end if;
  delete from {{schema}}.sessions t where t.account_id = account and t.token_hash <> kept_token;
  -- a link that was sent before must not undo the new password
  delete from {{schema}}.invitations i where i.account_id = account and i.used_at is null;
  return true;
end $$;

-- A link that was sent to an address does not serve whoever has it when the account has another, whatever changed it: an
-- admin, a program, a file, an identity provider. Definer, because a program may not touch invitations.
create or replace function withdraw_links() returns trigger
language plpgsql volatile security definer set search_path = '' as $$
begin
  delete from {{schema}}.invitations i where i.account_id = new.id and i.used_at is null;
  return null;
end $$;
drop trigger if exists withdraw_links on accounts;
create trigger withdraw_links after update of email on accounts
  for each row when (old.email <> new.email) execute function withdraw_links();

grant execute on function accept_invitation(bytea, text), renew_password_hash(int, text, text),
  change_password(int, text, text, bytea), tell_of(int, text), tell_of_password(int) to inst_{{id}}_gate;
grant execute on function tell_of(int, text), tell_of_password(int) to inst_{{id}}_admin;
grant execute on function make_link(bigint, uuid) to inst_{{id}}_system;
