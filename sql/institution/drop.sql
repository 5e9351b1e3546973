-- Removes institution {{id}} for good: its schema, its roles, its row in the directory.
-- Run as waymark_migrator in one transaction; the schema belongs to the owner, the roles to the migrator.
set local role waymark_owner;
drop schema if exists {{schema}} cascade;
delete from waymark.institutions where id = {{id}};
reset role;
drop role if exists inst_{{id}}_admin, inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff,
  inst_{{id}}_student, inst_{{id}}_gate, inst_{{id}}_system, inst_{{id}}_reporter;
