-- What the operator sees of all institutions at once, and the end of an institution's life.

-- Until when an institution that is to be removed can be taken back.
alter table waymark.institutions add column remove_at timestamptz;
alter table waymark.institutions
  add constraint institutions_remove_at_check check (remove_at is null or state = 'removing');

-- Each institution's figures. It notes them itself from time to time (note_figures in sql/institution/definitions), so that
-- nobody has to go through thousands of schemas.
create table waymark.institution_figures (
  institution_id int not null,
  noted_at timestamptz not null default now(),
  students int not null,
  staff int not null,
  cohorts int not null,
  bytes bigint not null,
  signed_in_at timestamptz,
  mails_waiting int not null,
  mails_failed int not null,
  constraint institution_figures_pkey primary key (institution_id),
  constraint institution_figures_institution_id_fkey foreign key (institution_id)
    references waymark.institutions (id) on delete cascade
);
alter table waymark.institution_figures enable row level security;
alter table waymark.institution_figures force row level security;
create policy owner_all on waymark.institution_figures to waymark_owner using (true) with check (true);

create view waymark.institution_overview as
  select i.id, i.slug, i.state, i.partition, i.created_at, i.remove_at, f.noted_at, f.students, f.staff, f.cohorts, f.bytes,
         f.signed_in_at, f.mails_waiting, f.mails_failed,
         (select max(c.version) from waymark.institution_changes c
           where c.institution_id = i.id and c.version <> 'definitions') as schema_version,
         greatest(now() - i.work_at, '0') as behind
    from waymark.institutions i left join waymark.institution_figures f on f.institution_id = i.id;
comment on view waymark.institution_overview is 'One row for each institution, for the operator.';
comment on column waymark.institution_overview.id is 'The number that names its schema and roles.';
comment on column waymark.institution_overview.slug is 'First label of its host name.';
comment on column waymark.institution_overview.state is 'active, suspended, or removing: nobody comes in, and it goes at remove_at.';
comment on column waymark.institution_overview.partition is 'Which service login serves it.';
comment on column waymark.institution_overview.created_at is 'When it was made here.';
comment on column waymark.institution_overview.remove_at is 'Until when it can be taken back; null unless it is to be removed.';
comment on column waymark.institution_overview.noted_at is 'When the figures that follow were noted; null before the first time.';
comment on column waymark.institution_overview.students is 'Students'' accounts, those archived not counted.';
comment on column waymark.institution_overview.staff is 'All other accounts, those archived not counted.';
comment on column waymark.institution_overview.cohorts is 'Cohorts in use.';
comment on column waymark.institution_overview.bytes is 'Disk space of its tables and indexes.';
comment on column waymark.institution_overview.signed_in_at is 'When somebody last signed in; null for never.';
comment on column waymark.institution_overview.mails_waiting is 'Mails that are to be sent.';
comment on column waymark.institution_overview.mails_failed is 'Mails that were given up, until an admin sends or drops them.';
comment on column waymark.institution_overview.schema_version is 'The last numbered change of its schema.';
comment on column waymark.institution_overview.behind is 'For how long background work has been due; zero where none is.';
