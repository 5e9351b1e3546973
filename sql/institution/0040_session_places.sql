-- Where a session was begun: from which address, by what program. And a number by which its owner names it, for the hash of
-- its token stays here.
alter table sessions
  add column id int not null generated always as identity,
  add column address text,
  add column program text,
  add constraint sessions_id_key unique (id),
  add constraint sessions_address_check check (char_length(address) between 1 and 100),
  add constraint sessions_program_check check (char_length(program) between 1 and 100);
