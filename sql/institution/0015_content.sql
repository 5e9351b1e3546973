-- What students are shown of their cohorts is the same for all who are in the same ones, and changes rarely: a server may
-- keep it. `content` changes with it, in the transaction that changes it, and is read with each dashboard: what is kept
-- under another value is not used any more. At random and not counted, so that no value comes again after a restore.
alter table settings add column content uuid not null default gen_random_uuid();
