-- Files of people that are put into a folder.

-- Background work that takes in a file of the folder: as an admin who is nobody, for what admins have ruled in person. `folder_lease`
-- is of the server that has the folder in hand, so that nobody comes in for one that was given up.
create or replace function enter_folder(folder_lease uuid) returns void language plpgsql volatile as $$
begin
  perform {{schema}}.enter_system();
  perform from {{schema}}.import_folders f where f.lease = folder_lease;
  if not found then
    raise exception 'not this folder' using errcode = 'WM403';
  end if;
  set local role inst_{{id}}_admin;
end $$;

grant execute on function enter_folder(uuid) to {{app}};

-- ---- admin: in person, because a file makes accounts. Says yes or no to a file that waits; what came of one nobody changes.
grant select (id, enabled, suspends_missing, partial, version), update (enabled, suspends_missing, partial, version)
  on import_folders to inst_{{id}}_admin;
grant select, update (state, account_id, most_suspended, ended_at, fault) on folder_files to inst_{{id}}_admin;
drop policy if exists admin_all_in_person on import_folders;
create policy admin_all_in_person on import_folders to inst_{{id}}_admin
  using (waymark.token_id() is null) with check (waymark.token_id() is null);
drop policy if exists admin_reads_in_person on folder_files;
create policy admin_reads_in_person on folder_files for select to inst_{{id}}_admin using (waymark.token_id() is null);
drop policy if exists admin_answers_in_person on folder_files;
create policy admin_answers_in_person on folder_files for update to inst_{{id}}_admin
  using (waymark.token_id() is null and state = 'waiting') with check (waymark.token_id() is null);

-- ---- system: takes files in, keeps the history, and sweeps it
grant select, update (lease, lease_ends_at, working_on, tries) on import_folders to inst_{{id}}_system;
grant select, insert (name, size, digest, state, started_at, ended_at, added, updated, unchanged, failed, skipped, suspended, leaving,
    fault, detail, fault_count, fault_most, problems),
  update (state, moved, account_id, most_suspended, started_at, ended_at, added, updated, unchanged, failed, skipped, suspended, leaving,
    fault, detail, fault_count, fault_most, problems), delete on folder_files to inst_{{id}}_system;
drop policy if exists system_reads on import_folders;
create policy system_reads on import_folders for select to inst_{{id}}_system using (true);
drop policy if exists system_works on import_folders;
create policy system_works on import_folders for update to inst_{{id}}_system using (true) with check (true);
drop policy if exists system_reads on folder_files;
create policy system_reads on folder_files for select to inst_{{id}}_system using (true);
drop policy if exists system_notes on folder_files;
create policy system_notes on folder_files for insert to inst_{{id}}_system with check (true);
drop policy if exists system_keeps on folder_files;
create policy system_keeps on folder_files for update to inst_{{id}}_system using (true) with check (true);
drop policy if exists system_sweeps on folder_files;
create policy system_sweeps on folder_files for delete to inst_{{id}}_system using (ended_at < now() - interval '400 days');
