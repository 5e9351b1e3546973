-- A card says by which address of mail its person is reached; it need not be the one they sign in with. Whether it tells any way
-- to reach them: a published card that does not is shown as before, and counts nowhere as one. No address is filled in for
-- those there are, because nobody has agreed that students are told it; the form offers it.
alter table cards add column email text
    constraint cards_email_check check (char_length(email) between 3 and 254),
  add column reachable boolean not null
    generated always as (email is not null or phone is not null or booking_url is not null) stored;
