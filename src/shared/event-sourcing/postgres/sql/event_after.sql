-- Promises: the first max_events events of these categories in after < position <= up_to, in the order of positions.
-- With types only events of these types. The caller bounds the stretch, because rare categories would let one call read
-- the whole log.
-- Sorting is off so that the planner walks the primary key. Without statistics it would sort the rest of the log.
create or replace function event_after(
  after bigint,
  up_to bigint,
  categories text[],
  max_events int,
  types text[] default null
) returns setof event
language sql stable
set enable_sort = off
as $$
  select *
  from event e
  where e.position > after
    and e.position <= up_to
    and e.category = any(categories)
    and (types is null or e.type = any(types))
  order by e.position
  limit max_events
$$;
