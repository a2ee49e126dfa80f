-- Promises what event_append_each promises, with the same arguments, and costs less when every append is as expected.
-- Called by event_append_on_grounds, and by event_append_with_people.
create or replace function event_append(
  streams text[],
  expected int[],
  appends int[],
  revisions int[],
  ids uuid[],
  types text[],
  datas text[],
  metadatas text[]
) returns table (actual int, stored text)
language plpgsql
as $$
declare
  last bigint;
begin
  -- Tries all at once only when each append has one event, because other batches are few. The position of an append
  -- then follows from its number. Callers give -2 or -3 as the expected revision of an append that they refuse.
  if cardinality(streams) = cardinality(ids) and -1 <= all(expected) then
    last := event_append_all(streams, revisions, ids, types, datas, metadatas);
  end if;

  if last is null then
    return query
      select * from event_append_each(streams, expected, appends, revisions, ids, types, datas, metadatas);
  else
    return query
      select e.expected, (last - cardinality(ids) + e.n)::text
      from unnest(expected) with ordinality e(expected, n)
      order by e.n;
  end if;
end $$;
