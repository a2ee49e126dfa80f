-- Promises: one row per append, in their order. Each append is stored as a whole or not at all, whatever the others do.
-- actual: the revision at which the append found its stream, -1 for a stream without events.
-- stored: the position of the append's last event, or null when it is not stored. An append whose events the log holds
-- already counts as stored, because the answer to an earlier attempt may have been lost.
--
-- streams and expected have one entry per append. The other arrays have one per event, and appends[n] is the number of
-- the event's append, from 1. No two appends are on one stream. An expected revision below -1 refuses its append.
--
-- The lock is that of event_append_all, for the same reason: positions follow the order of commits.
-- Sequential scans are off, because PostgreSQL may keep a plan that it made while the table was empty.
create or replace function event_append_each(
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
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
  last_position bigint;
  found_at int[];
  stored_at timestamptz;
begin
  perform pg_advisory_xact_lock(7350001);
  -- Read under the lock, so that times follow the order of positions.
  stored_at := clock_timestamp();
  select coalesce(max(e.position), 0) into last_position from event e;
  select array_agg(coalesce((select max(e.revision) from event e where e.stream = a.stream), -1) order by a.n)
    into found_at
    from unnest(streams) with ordinality a(stream, n);

  insert into event (position, stream, revision, id, type, data, metadata, recorded_at)
    select last_position + row_number() over (order by e.n), streams[e.append], e.revision, e.id, e.type,
      e.data::json, e.metadata::json, stored_at
    from unnest(appends, revisions, ids, types, datas, metadatas) with ordinality
      e(append, revision, id, type, data, metadata, n)
    where found_at[e.append] = expected[e.append]
    order by e.n;

  if found_at = expected then
    -- All are stored: their positions are known without reading the log.
    return query
      select found_at[e.append], (last_position + max(e.n))::text
      from unnest(appends) with ordinality e(append, n)
      group by e.append
      order by e.append;
  else
    -- Compares ids, so that events of an earlier attempt are found.
    return query
      select found_at[e.append], case when count(s.position) = count(*) then max(s.position)::text end
      from unnest(appends, revisions, ids) e(append, revision, id)
      left join event s on s.stream = streams[e.append] and s.revision = e.revision and s.id = e.id
      group by e.append
      order by e.append;
  end if;
end $$;
