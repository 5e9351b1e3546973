-- Signing in by the institution's OpenID provider.

-- Whose account an identity is that the provider has vouched for. Answers the account and how it was found:
--   known      it has been in before
--   linked     the account of its address, which the provider has verified, was there already: a student's, where the
--              institution wants that, or one that an admin has said it of
--   created    nobody had the address, and the institution lets the provider make accounts
-- or no account and why: `off` (no such provider), `inactive` (suspended or archived), `taken` (there is an account of that
-- address or number, which this is not to be), `unknown` (nobody, and none is made), `unaddressed` (no address that counts).
-- Who gets another role than student is said by a rule of the institution's; the role is looked for among them once more here.
-- Definer: the gate may neither add accounts nor tie one to somebody, but by what the institution's admins have set.
create or replace function identify(by_issuer text, by_subject text, address text, is_verified boolean, given text, family text,
  number text, as_role text, out account int, out found_how text)
language plpgsql volatile security definer set search_path = '' as $$
declare
  provider record;
  there record;
begin
  select p.creates_students, p.links_students, p.rules into provider
    from {{schema}}.identity_providers p where p.enabled and p.issuer = by_issuer;
  if not found then found_how := 'off'; return; end if;
  -- `for share`: whoever suspends the account either comes later and ends the session, or is seen
  select a.id, a.status into there
    from {{schema}}.identities i join {{schema}}.accounts a on a.id = i.account_id
   where i.issuer = by_issuer and i.subject = by_subject for share of a;
  if found then
    if there.status <> 'active' then found_how := 'inactive'; return; end if;
    update {{schema}}.identities i set used_at = now() where i.issuer = by_issuer and i.subject = by_subject;
    account := there.id; found_how := 'known'; return;
  end if;
  if address is null then found_how := 'unaddressed'; return; end if;
  select a.id, a.status, a.role,
         exists (select from {{schema}}.awaited_identities w where w.account_id = a.id) as awaited,
         exists (select from {{schema}}.identities i where i.account_id = a.id and i.issuer = by_issuer) as has_other
    into there from {{schema}}.accounts a where lower(a.email) = lower(address) for update of a;
  if found then
    if is_verified is not true then found_how := 'taken'; return; end if;
    if there.status <> 'active' then found_how := 'inactive'; return; end if;
    if there.has_other or not there.awaited and not (there.role = 'student' and provider.links_students) then
      found_how := 'taken'; return;
    end if;
    delete from {{schema}}.awaited_identities w where w.account_id = there.id;
    found_how := 'linked';
  elsif not provider.creates_students then
    found_how := 'unknown'; return;
  elsif exists (select from {{schema}}.accounts a where a.student_number = number) then
    found_how := 'taken'; return;
  else
    insert into {{schema}}.accounts (email, given_name, family_name, role, student_number)
    values (address, given, family,
            case when as_role in ('staff', 'manager', 'director') and provider.rules @> jsonb_build_array(jsonb_build_object('role', as_role))
              then as_role else 'student' end,
            number)
    returning id into there;
    found_how := 'created';
  end if;
  insert into {{schema}}.identities (issuer, subject, account_id) values (by_issuer, by_subject, there.id);
  account := there.id;
end $$;
grant execute on function identify(text, text, text, boolean, text, text, text, text) to inst_{{id}}_gate;

-- ---- gate: the provider before anybody is known, and each sign-in once
grant select (id, enabled, issuer, client_id, sealed_secret, label, email_claim, number_claim, requires_verified_email, domains,
  rules, student_passwords) on identity_providers to inst_{{id}}_gate;
grant insert (secret_hash) on spent_sign_ins to inst_{{id}}_gate;
drop policy if exists gate_reads on identity_providers;
create policy gate_reads on identity_providers for select to inst_{{id}}_gate using (true);
drop policy if exists gate_spends on spent_sign_ins;
create policy gate_spends on spent_sign_ins for insert to inst_{{id}}_gate with check (true);

-- ---- admin: in person, because a provider lets people in
grant select, update (enabled, issuer, client_id, sealed_secret, label, email_claim, number_claim, creates_students,
  links_students, requires_verified_email, domains, rules, student_passwords, version)
  on identity_providers to inst_{{id}}_admin;
grant select, delete on identities to inst_{{id}}_admin;
grant select, insert (account_id), delete on awaited_identities to inst_{{id}}_admin;
drop policy if exists admin_all_in_person on identity_providers;
create policy admin_all_in_person on identity_providers to inst_{{id}}_admin
  using (waymark.token_id() is null) with check (waymark.token_id() is null);
drop policy if exists admin_reads on identities;
create policy admin_reads on identities for select to inst_{{id}}_admin using (true);
drop policy if exists admin_unlinks_in_person on identities;
create policy admin_unlinks_in_person on identities for delete to inst_{{id}}_admin using (waymark.token_id() is null);
drop policy if exists admin_all_in_person on awaited_identities;
create policy admin_all_in_person on awaited_identities to inst_{{id}}_admin
  using (waymark.token_id() is null) with check (waymark.token_id() is null);

-- ---- system: sweeps
grant select (spent_at), delete on spent_sign_ins to inst_{{id}}_system;
drop policy if exists system_sweeps on spent_sign_ins;
create policy system_sweeps on spent_sign_ins to inst_{{id}}_system
  using (spent_at < now() - interval '1 day') with check (false);
