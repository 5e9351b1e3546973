-- What a reporter's login may read, and what it means: a row for each column of each view report_* of the caller's institution.
-- From the catalogue, so that it holds whatever views the institution's schema has.
create view waymark.report_catalog as
  select c.relname::text as report, pg_catalog.obj_description(c.oid, 'pg_class') as about,
         a.attnum::int as position, a.attname::text as column_name,
         pg_catalog.format_type(a.atttypid, a.atttypmod) as type, pg_catalog.col_description(c.oid, a.attnum) as meaning
    from pg_catalog.pg_class c
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
   where c.relnamespace = pg_catalog.to_regnamespace(pg_catalog.regexp_replace(current_user, '_[a-z]+$', ''))
     and c.relkind = 'v' and c.relname like 'report\_%' and pg_catalog.has_table_privilege(c.oid, 'select')
   order by report, position;
comment on view waymark.report_catalog is 'One row for each column of each report view that the caller may read.';
comment on column waymark.report_catalog.report is 'The view.';
comment on column waymark.report_catalog.about is 'What one row of the view stands for.';
comment on column waymark.report_catalog.position is 'The column''s place in the view, from 1.';
comment on column waymark.report_catalog.column_name is 'The column.';
comment on column waymark.report_catalog.type is 'Its type in PostgreSQL.';
comment on column waymark.report_catalog.meaning is 'What it means.';
grant select on waymark.report_catalog to public;
