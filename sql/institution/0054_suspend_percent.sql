-- How many of a hundred accounts a file of people or a roster may suspend, or take out of their cohorts, without a yes.
alter table settings add column suspend_percent int not null default 10,
  add constraint settings_suspend_percent_check check (suspend_percent between 0 and 100);
