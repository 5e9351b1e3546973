-- SCIM: the number that a provider keeps of a person, and the version of a group's rule.

-- `employee_number`: as sent. `granted_number`: what SCIM gave the account; a number that came otherwise stays when SCIM has none.
alter table scim_users add column employee_number text, add column granted_number text,
  add constraint scim_users_employee_number_check check (char_length(employee_number) between 1 and 100),
  add constraint scim_users_granted_number_check check (char_length(granted_number) between 1 and 100);
create unique index scim_users_employee_number_key on scim_users (employee_number) where employee_number is not null;

-- Raised by each change of the group's rule; it stands here because the rule may be none.
alter table scim_groups add column rule_version int not null default 1;
