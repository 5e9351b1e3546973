-- Which states the schemas of active institutions are in, and how many are in each: what a server asks before it says
-- that it is ready. The ledger is the migrator's; this tells numbers and names nobody.
create view waymark.schema_states with (security_barrier) as
  select x.steps, x.definitions, count(*)::int as institutions
    from (select array_agg(c.version order by c.version) as steps,
                 min(c.checksum) filter (where c.version = 'definitions') as definitions
            from waymark.institutions i join waymark.institution_changes c on c.institution_id = i.id
           where i.state = 'active' group by i.id) x
   group by x.steps, x.definitions;
grant select on waymark.schema_states to public;
