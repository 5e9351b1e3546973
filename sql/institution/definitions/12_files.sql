-- Keeps in `file_space` how many bytes the institution's files take, so that no upload has to sum them up for each of its
-- pieces. What would not fit is refused as a violation of `file_space_quota_check`; of two uploads at once the second waits for
-- the first one's piece, so both cannot squeeze in. Triggers, because files also go with their milestone or their student.
-- Definer: nobody may write the row.
create or replace function count_bytes() returns trigger language plpgsql volatile security definer set search_path = '' as $$
declare
  more bigint := case tg_op when 'DELETE' then -old.size when 'INSERT' then new.size else new.size - old.size end;
begin
  if more = 0 then
    return null;
  end if;
  update {{schema}}.file_space s set bytes = s.bytes + more
   where more < 0 or s.bytes + more <= (select x.file_quota_bytes from {{schema}}.settings x);
  if not found then
    raise exception 'no room for more files' using errcode = 'check_violation', constraint = 'file_space_quota_check';
  end if;
  return null;
end $$;

drop trigger if exists count_bytes on milestone_files;
create trigger count_bytes after insert or delete or update of size on milestone_files
  for each row execute function count_bytes();
drop trigger if exists count_bytes on submission_files;
create trigger count_bytes after insert or delete or update of size on submission_files
  for each row execute function count_bytes();

-- Nothing is stored between the triggers and this: making one locks its table until the end of the transaction.
update file_space set bytes = (select coalesce(sum(f.size), 0) from milestone_files f)
  + (select coalesce(sum(f.size), 0) from submission_files f);
