-- Superseded by event_append_on_grounds. No code calls it any more. It stays because migrations only add: instances
-- from before migration 0011 called it while they were replaced.
--
-- Promises what event_append_each promises, and records the new people whom appends name in the same transaction.
-- newcomers has one entry per append: the id of its person in people, or an empty text for none. When the address of a
-- new person is taken, the append is refused, unless the log holds its events already.
--
-- Locks: people first, in the order of their hashes, then the log, as in event_append_on_grounds.
create or replace function event_append_with_people(
  people json,
  newcomers text[],
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
  recorded text[];
begin
  with inserted as (
    insert into person (id, email_hash, sealed_email, wrapped_key)
      select id, email_hash, sealed_email, wrapped_key
      from json_populate_recordset(null::person, people)
      order by email_hash
      on conflict (email_hash) do nothing
      returning id
  )
  select coalesce(array_agg(id::text), '{}') into recorded from inserted;

  -- -2 is a revision that no stream has.
  return query
    select * from event_append(
      streams,
      array(
        select case when n.id = '' or n.id = any(recorded) then expected[n.append] else -2 end
        from unnest(newcomers) with ordinality n(id, append)
        order by n.append
      ),
      appends, revisions, ids, types, datas, metadatas
    );
end $$;
