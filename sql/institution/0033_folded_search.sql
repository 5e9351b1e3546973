-- People are found however their names are typed (`waymark.folded`). How a column is generated cannot be changed: as in
-- 0017 the old one gets out of the way, for the views that read it until `definitions/00_reset.sql` drops both. A server of
-- the version before goes on searching, and finds what is typed without accents.
alter table accounts rename column search_text to search_text_unfolded;
drop index accounts_search_text_idx;
alter table accounts add column search_text text not null
  generated always as (waymark.folded(coalesce(preferred_name || ' ' || family_name || ' ', '') || given_name || ' '
    || family_name || ' ' || email || coalesce(' ' || student_number, ''))) stored;
create index accounts_search_text_idx on accounts using gin (search_text waymark.gin_trgm_ops);
grant select (search_text) on accounts to inst_{{id}}_admin;

-- One name is one name, in whatever form its letters were composed. Of those that only differed by that, the later ones get
-- their number.
update cohort_categories x set name = left(name, 180) || ' (' || id || ')' where exists (
  select from cohort_categories o where o.id < x.id and lower(normalize(o.name)) = lower(normalize(x.name)));
update cohorts x set name = left(name, 180) || ' (' || id || ')' where exists (
  select from cohorts o
   where o.category_id = x.category_id and o.id < x.id and lower(normalize(o.name)) = lower(normalize(x.name)));
update groups x set name = left(name, 180) || ' (' || id || ')' where exists (
  select from groups o where o.id < x.id and lower(normalize(o.name)) = lower(normalize(x.name)));
update departments x set name = left(name, 180) || ' (' || id || ')' where exists (
  select from departments o where o.id < x.id and lower(normalize(o.name)) = lower(normalize(x.name)));
drop index cohort_categories_name_key, cohorts_name_key, groups_name_key, departments_name_key;
create unique index cohort_categories_name_key on cohort_categories (lower(normalize(name)));
create unique index cohorts_name_key on cohorts (category_id, lower(normalize(name)));
create unique index groups_name_key on groups (lower(normalize(name)));
create unique index departments_name_key on departments (lower(normalize(name)));
