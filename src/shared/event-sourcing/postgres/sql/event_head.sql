-- Promises: the position of the last event of these categories, or null when there is none.
-- Sorting is off so that the planner walks the primary key from its end. Without statistics it would sort the log.
create or replace function event_head(categories text[]) returns bigint
language sql stable
set enable_sort = off
as $$
  select e.position
  from event e
  where e.category = any(categories)
  order by e.position desc
  limit 1
$$;
