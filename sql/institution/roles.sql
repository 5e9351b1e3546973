-- The roles of institution {{id}}: its wall. A role of one institution has no USAGE on another's schema. Run as
-- waymark_migrator (CREATEROLE) in one transaction, before the tables. {{app}} is NOINHERIT, so on PostgreSQL 16
-- and later the grant is `inherit false, set true` by default; 15 does not know the words.
create role inst_{{id}}_admin nologin;
create role inst_{{id}}_director nologin;
create role inst_{{id}}_manager nologin;
create role inst_{{id}}_staff nologin;
create role inst_{{id}}_student nologin;
create role inst_{{id}}_gate nologin;
create role inst_{{id}}_system nologin;
-- For a reporting login, made on demand (`grant inst_{{id}}_reporter to <login>`); never the service's.
create role inst_{{id}}_reporter nologin;
grant inst_{{id}}_admin, inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff, inst_{{id}}_student,
  inst_{{id}}_gate, inst_{{id}}_system to {{app}};
