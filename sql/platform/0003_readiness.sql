-- How many active institutions lack one of these steps, or have other definitions: what a server asks before it says
-- that it is ready. Definer: the ledger is the migrator's; this tells a number.
create function waymark.institutions_not_current(steps text[], definitions text) returns int
language sql stable security definer set search_path = '' as $$
  select count(*)::int
    from waymark.institutions i
   where i.state = 'active'
     and (cardinality(steps) > (select count(*) from waymark.institution_changes c
                                 where c.institution_id = i.id and c.version = any (steps))
       or not exists (select from waymark.institution_changes c
                       where c.institution_id = i.id and c.version = 'definitions' and c.checksum = definitions))
$$;
grant execute on function waymark.institutions_not_current(text[], text) to public;
