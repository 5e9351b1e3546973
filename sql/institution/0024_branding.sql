-- How an institution looks: a color for links and buttons, and a logo. Without them pages look like Waymark's.
alter table settings
  add column color text,
  add column logo bytea,
  add constraint settings_color_check check (color ~ '^#[0-9a-f]{6}$'),
  add constraint settings_logo_check check (octet_length(logo) between 1 and 131072);
