import { Migration } from '@mikro-orm/migrations';

/**
 * The usual case of an append, for less: stores all events or none. Answers the position of the last one, or nothing when an append is not as
 * expected; `event_append_each` says which one then, and stores the others.
 * One entry per event; those of an append follow each other, and no two appends are on the same stream. What is there already is not looked for, as the log's
 * own key refuses it; the event before has to be there, in this call or in the log. It is looked for by a scalar sub-select, because an `exists` beside an
 * `or` could be planned, while the log is short, as a table of all of its events, and that plan would stay.
 */
const APPEND_ALL = `
create function event_append_all(
  streams text[], revisions int[], ids uuid[], types text[], datas text[], metadatas text[]
) returns bigint language plpgsql
set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
declare
  last_position bigint;
  stored_at timestamptz;
  stored int;
begin
  perform pg_advisory_xact_lock(7350001);
  stored_at := clock_timestamp();
  select coalesce(max(e.position), 0) into last_position from event e;
  insert into event (position, stream, revision, id, type, data, metadata, recorded_at)
    select last_position + e.n, e.stream, e.revision, e.id, e.type, e.data::json, e.metadata::json, stored_at
    from unnest(streams, revisions, ids, types, datas, metadatas) with ordinality e(stream, revision, id, type, data, metadata, n)
    where e.revision = 0
      or streams[e.n::int - 1] = e.stream
      or (select before.revision from event before where before.stream = e.stream and before.revision = e.revision - 1) is not null;
  get diagnostics stored = row_count;
  if stored < cardinality(ids) then raise unique_violation; end if;
  return last_position + stored;
exception when unique_violation then
  return null;
end $$`;

/** What `event_append` was: each append has its own outcome. */
const APPEND_EACH = `
alter function event_append(text[], int[], int[], int[], uuid[], text[], text[], text[]) rename to event_append_each`;

/**
 * Tries all at once, and each by itself when that can't be. `event_append_with_people` and `event_append_on_grounds` call it by its name; they hand in -2 or -3 as the
 * revision of an append that is refused whatever its stream is at. Batches in which an append has several events aren't tried: they are few.
 */
const APPEND = `
create function event_append(
  streams text[], expected int[],
  appends int[], revisions int[], ids uuid[], types text[], datas text[], metadatas text[]
) returns table (actual int, stored text) language plpgsql as $$
declare
  last bigint;
begin
  if cardinality(streams) = cardinality(ids) and -1 <= all(expected) then
    last := event_append_all(streams, revisions, ids, types, datas, metadatas);
  end if;
  if last is null then
    return query select * from event_append_each(streams, expected, appends, revisions, ids, types, datas, metadatas);
  else
    return query select e.expected, (last - cardinality(ids) + e.n)::text from unnest(expected) with ordinality e(expected, n) order by e.n;
  end if;
end $$`;

export class AppendAllMigration extends Migration {
  override up(): void {
    this.addSql(APPEND_ALL);
    this.addSql(APPEND_EACH);
    this.addSql(APPEND);
  }
}
