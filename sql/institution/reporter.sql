-- Lets the reporter of institution {{id}} sign in: an analyst's SQL login that reads the institution's views report_*. Run as
-- waymark_migrator; it may run again. The program sets the password.
--
-- What is set here is for those who mean well: an early, clear refusal. The login may change it for itself, all but
-- log_statement, temp_file_limit and the number of connections; then `end_reports` ends its transactions after a minute.
alter role inst_{{id}}_reporter login connection limit 4;
grant waymark_reporters to inst_{{id}}_reporter;
alter role inst_{{id}}_reporter set search_path = {{schema}}, pg_temp;
alter role inst_{{id}}_reporter set default_transaction_read_only = on;
alter role inst_{{id}}_reporter set statement_timeout = '55s';
alter role inst_{{id}}_reporter set lock_timeout = '5s';
alter role inst_{{id}}_reporter set idle_in_transaction_session_timeout = '55s';
alter role inst_{{id}}_reporter set idle_session_timeout = '1h';
-- Each connection may sort so much on the disk.
alter role inst_{{id}}_reporter set temp_file_limit = '1GB';
-- Whoever reads students' records leaves a trace: in the server's log, as no role may write while it reads.
alter role inst_{{id}}_reporter set log_statement = 'all';
