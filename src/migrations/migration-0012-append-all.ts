import { Migration } from '@mikro-orm/migrations';

/**
 * The usual case of `event_append`, for less: stores all events or none. Answers the position of the last one, or nothing when an append is not as
 * expected; `event_append` says which one then, and stores the others.
 * One entry per event; those of an append follow each other, and no two appends are on the same stream. Streams aren't looked at where the log's own key
 * does as well: an event that is there already is a violation of it, and only the one before has to be there, in the log or in this call.
 */
const APPEND_ALL = `
create function event_append_all(
  streams text[], revisions int[], ids uuid[], types text[], datas text[], metadatas text[]
) returns text language plpgsql
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
      or exists (select from event before where before.stream = e.stream and before.revision = e.revision - 1)
      or streams[e.n::int - 1] = e.stream;
  get diagnostics stored = row_count;
  if stored < cardinality(ids) then raise unique_violation; end if;
  return (last_position + stored)::text;
exception when unique_violation then
  return null;
end $$`;

export class AppendAllMigration extends Migration {
  override up(): void {
    this.addSql(APPEND_ALL);
  }
}
