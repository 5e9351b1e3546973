-- Clients that sign in, counted at all institutions together in `waymark.sign_in_clients`, which no role reads.

-- Counts an attempt to sign in by a client, at all institutions and servers together, before its password is looked at:
-- 300 that do not succeed at once, then one every 12 seconds. Answers how many there were before, and for how many seconds
-- the client has to wait: then nothing is counted, nor locked. Who is trusted has not to wait. Else the client's row is
-- locked for the rest of the transaction, so this comes last in one. Nobody waits for more than two hours by it, whatever a
-- gate says; the bound lies above the 300, or a success there would take back what was never counted. Definer: no role
-- reads the table; a gate learns only how often a client failed that is signing in there just now.
create or replace function begin_sign_in(client bytea, trusted boolean, out failures int, out wait int)
language plpgsql volatile security definer set search_path = '' as $$
begin
  trusted := coalesce(trusted, false);
  loop
    select ceil(extract(epoch from c.forgotten_at - now()) / 12),
           ceil(extract(epoch from c.forgotten_at - now() - 299 * interval '12 seconds'))
      into failures, wait
      from waymark.sign_in_clients c
     where c.key = client and c.forgotten_at > now() + 299 * interval '12 seconds';
    exit when found and not trusted;
    insert into waymark.sign_in_clients as c (key, forgotten_at) values (client, now() + interval '12 seconds')
    on conflict (key) do update set forgotten_at = greatest(c.forgotten_at,
        least(greatest(c.forgotten_at, now()) + interval '12 seconds', now() + interval '3 hours'))
      where trusted or c.forgotten_at <= now() + 299 * interval '12 seconds'
    returning ceil(extract(epoch from c.forgotten_at - now()) / 12) - 1, 0 into failures, wait;
    exit when found;                       -- else others have just used up what was left: look again
  end loop;
end $$;

-- Takes back one such attempt: it succeeded, or nothing was guessed by it. What then says nothing is not kept, so that
-- there are no more rows than passwords were checked of late. Definer for the same reason.
create or replace function give_back_sign_in(client bytea) returns void
language plpgsql volatile security definer set search_path = '' as $$
begin
  delete from waymark.sign_in_clients c where c.key = client and c.forgotten_at <= now() + interval '12 seconds';
  if not found then
    update waymark.sign_in_clients c set forgotten_at = c.forgotten_at - interval '12 seconds' where c.key = client;
  end if;
end $$;

-- Removes clients of which nothing is to be known any more, and answers how many; not all at once where they are very many,
-- because those that come back just then wait. Definer for the same reason.
create or replace function sweep_sign_ins() returns int
language plpgsql volatile security definer set search_path = '' as $$
declare
  gone int;
begin
  delete from waymark.sign_in_clients where key = any (array(
    select c.key from waymark.sign_in_clients c where c.forgotten_at < now() limit 10000 for update skip locked));
  get diagnostics gone = row_count;
  return gone;
end $$;

grant execute on function begin_sign_in(bytea, boolean), give_back_sign_in(bytea) to inst_{{id}}_gate;
grant execute on function sweep_sign_ins() to inst_{{id}}_system;
