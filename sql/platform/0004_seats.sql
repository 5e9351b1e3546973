-- A partition holds at most 1,000 institutions, because a connection's first SET ROLE reads all memberships of its
-- login. Each has a numbered seat, so that the limit is a constraint and holds for creations at the same time too.
alter table waymark.institutions add column seat int;
update waymark.institutions i set seat = n.seat
  from (select id, row_number() over (partition by partition order by id) as seat from waymark.institutions) n
 where n.id = i.id;
alter table waymark.institutions alter column seat set not null;
alter table waymark.institutions add constraint institutions_seat_key unique (partition, seat);
-- not valid: a partition that was filled beyond the limit before keeps what it has
alter table waymark.institutions add constraint institutions_seat_check check (seat between 1 and 1000) not valid;
drop index waymark.institutions_partition_idx;
