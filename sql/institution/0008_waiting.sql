-- What waits for an answer, by cohort: few rows of many.
create index progress_waiting_idx on progress (cohort_id, updated_at) where status = 'submitted' and enrolled;
