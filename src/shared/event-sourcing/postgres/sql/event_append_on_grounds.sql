-- Promises what event_append_each promises, and in the same transaction two things more:
-- - It stores an append only while the streams of its conditions stand at the revisions that the caller read.
-- - It records the new people whom appends name, except those of outdated appends.
-- refusal says why an append is not stored although its stream is as expected. "outdated": a stream of its conditions
-- has moved. "known": the address of its new person belongs to somebody else.
-- An append whose events the log holds already, from an attempt whose answer was lost, counts as stored in any case.
--
-- people: [{id, email_hash, sealed_email, wrapped_key}], the companion rows.
-- newcomers: one entry per append, the id of its person in people, or "-" for none.
-- grounds: the conditions, [{stream, revision, appends}]. The revision is -1 for a stream without events. appends are
-- the numbers, from 1, of the appends that depend on it.
-- The other arguments are those of event_append_each.
--
-- Locks: people first, in the order of their hashes, then the log. All writers keep this order, so they wait for each
-- other and never deadlock.
-- Sequential scans are off, because PostgreSQL may keep a plan that it made while the table was empty.
create or replace function event_append_on_grounds(
  people json,
  newcomers text[],
  grounds json,
  streams text[],
  expected int[],
  appends int[],
  revisions int[],
  ids uuid[],
  types text[],
  datas text[],
  metadatas text[]
) returns table (actual int, stored text, refusal text)
language plpgsql
set enable_seqscan = off
as $$
declare
  recorded uuid[];
  outdated int[];
  taken_back uuid[];
begin
  -- Where the address is taken, by any process, the person is not recorded.
  with inserted as (
    insert into person (id, email_hash, sealed_email, wrapped_key)
      select id, email_hash, sealed_email, wrapped_key
      from json_populate_recordset(null::person, people)
      order by email_hash
      on conflict (email_hash) do nothing
      returning id
  )
  select coalesce(array_agg(id), '{}') into recorded from inserted;

  -- Takes the log's lock before the conditions are compared, so that no stream moves between that and the commit.
  perform pg_advisory_xact_lock(7350001);
  select coalesce(array_agg(a.append), '{}') into outdated
    from json_to_recordset(grounds) g(stream text, revision int, appends int[]), unnest(g.appends) a(append)
    where coalesce((select max(e.revision) from event e where e.stream = g.stream), -1) <> g.revision;

  -- A person recorded for an outdated append is removed again, because no event is about them.
  if outdated <> '{}' and recorded <> '{}' then
    select coalesce(array_agg(n.id::uuid), '{}') into taken_back
      from unnest(newcomers) with ordinality n(id, append)
      where n.append = any(outdated) and n.id = any(recorded::text[]);
    delete from person where id = any(taken_back);
  end if;

  -- -3 and -2 are revisions that no stream has: they refuse an outdated append, and one whose person is not recorded.
  return query
    select s.actual, s.stored,
      case when s.stored is null then
        case
          when s.append = any(outdated) then 'outdated'
          when newcomers[s.append] <> '-' and newcomers[s.append] <> all(recorded::text[]) then 'known'
        end
      end
    from event_append(
      streams,
      array(
        select case
          when n.append = any(outdated) then -3
          when n.id = '-' or n.id = any(recorded::text[]) then expected[n.append]
          else -2
        end
        from unnest(newcomers) with ordinality n(id, append)
        order by n.append
      ),
      appends, revisions, ids, types, datas, metadatas
    ) with ordinality s(actual, stored, append)
    order by s.append;
end $$;
