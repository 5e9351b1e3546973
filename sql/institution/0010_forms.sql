-- A form carries a proof made of its session's hash; this finds the session again, so that text typed in a session that
-- has ended goes back to its own account and to no other. Ended sessions stay a week for it.
create index sessions_form_idx on sessions (sha256(token_hash || 'csrf'::bytea));
