-- Promises: stores all events and returns the position of the last one. When one append is not as expected, it stores
-- nothing and returns null. event_append_each then says which append that is.
--
-- The arrays have one entry per event. Events of one append follow each other, and no two appends are on one stream.
-- The expectation is in the revisions: an event is stored only behind its predecessor. A revision that is taken needs
-- no query, because the unique key of (stream, revision) refuses it.
--
-- The lock makes positions follow the order of commits, because it is held until the commit. So a follower that has
-- read up to the newest visible position has missed nothing. All writers take this lock, import-events.ts too.
-- Counting on from the last position leaves no gaps, and lets the primary key refuse a writer without the lock.
--
-- Sequential scans are off, because PostgreSQL may keep a plan that it made while the table was empty.
create or replace function event_append_all(
  streams text[],
  revisions int[],
  ids uuid[],
  types text[],
  datas text[],
  metadatas text[]
) returns bigint
language plpgsql
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
  last_position bigint;
  stored_at timestamptz;
  stored int;
begin
  perform pg_advisory_xact_lock(7350001);
  -- Read under the lock, so that times follow the order of positions.
  stored_at := clock_timestamp();
  select coalesce(max(e.position), 0) into last_position from event e;

  insert into event (position, stream, revision, id, type, data, metadata, recorded_at)
    select last_position + e.n, e.stream, e.revision, e.id, e.type, e.data::json, e.metadata::json, stored_at
    from unnest(streams, revisions, ids, types, datas, metadatas) with ordinality
      e(stream, revision, id, type, data, metadata, n)
    -- Its predecessor is in this call or in the log.
    where e.revision = 0
      or streams[e.n::int - 1] = e.stream
      -- A scalar sub-select is one look-up along the index. While the log is short, an "exists" beside an "or" could be
      -- planned as a table of all events, and that plan would stay.
      or (
        select before.revision from event before
        where before.stream = e.stream and before.revision = e.revision - 1
      ) is not null;
  get diagnostics stored = row_count;

  -- The error takes back what was inserted.
  if stored < cardinality(ids) then
    raise unique_violation;
  end if;
  return last_position + stored;
exception when unique_violation then
  return null;
end $$;
