-- Takes away all rights of an institution's roles, before its definitions are applied anew: so a right exists only if one
-- of them gives it. A new institution has none to take away.
--
-- {{granted}} is a list of the relations on which there are any. For `all tables in schema` PostgreSQL would read its list
-- of all institutions' relations, five times. That of functions is read once, here; to name them would cost more, because
-- of each name it looks through the functions of all institutions.
revoke all on {{granted}} from
  inst_{{id}}_admin, inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff, inst_{{id}}_student,
  inst_{{id}}_gate, inst_{{id}}_system, inst_{{id}}_reporter;
revoke all on all functions in schema {{schema}} from public,
  inst_{{id}}_admin, inst_{{id}}_director, inst_{{id}}_manager, inst_{{id}}_staff, inst_{{id}}_student,
  inst_{{id}}_gate, inst_{{id}}_system, inst_{{id}}_reporter;
