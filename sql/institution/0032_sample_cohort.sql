-- The cohort that an admin lets make to see how one looks. While no student is in it, it counts nowhere.
alter table settings
  add column sample_cohort_id int,
  add constraint settings_sample_cohort_id_fkey foreign key (sample_cohort_id) references cohorts (id) on delete set null;
create index settings_sample_cohort_id_idx on settings (sample_cohort_id);
