-- Ends what the institution's reporter has kept open for more than a minute, and answers how many: a lock, a cursor, a query
-- whose time limit it took away itself. The worker calls it. Definer, because nobody else may look into another login's
-- transactions; it takes nothing, and reaches this one login alone.
create or replace function end_reports() returns int
language sql volatile security definer set search_path = '' as $$
  -- chosen before any is ended, in whatever order the planner would ask
  with overlong as materialized (
    select a.pid from pg_catalog.pg_stat_activity a
     where a.datname = pg_catalog.current_database() and a.usename = 'inst_{{id}}_reporter'
       and a.xact_start < pg_catalog.clock_timestamp() - interval '1 minute')
  select count(*)::int from overlong o where pg_catalog.pg_terminate_backend(o.pid)
$$;
grant execute on function end_reports() to inst_{{id}}_system;
