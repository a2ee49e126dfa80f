import { Migration } from '@mikro-orm/migrations';

/**
 * The usual case of `event_append`, for less: stores all events or none. Answers the position of the last one, or nothing when an append is not as
 * expected; `event_append` says which one then, and stores the others.
 * One entry per event; those of an append follow each other, and no two appends are on the same stream. What is there already is not looked for, as the log's
 * own key refuses it; the event before has to be there, in this call or in the log. It is looked for by a scalar sub-select, because an `exists` beside an
 * `or` could be planned, while the log is short, as a table of all of its events, and that plan would stay.
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
      or streams[e.n::int - 1] = e.stream
      or (select before.revision from event before where before.stream = e.stream and before.revision = e.revision - 1) is not null;
  get diagnostics stored = row_count;
  if stored < cardinality(ids) then raise unique_violation; end if;
  return (last_position + stored)::text;
exception when unique_violation then
  return null;
end $$`;

/**
 * `event_append_on_grounds` of migration 0011, which says what it takes and answers. New is only that it does the same: where no ground has moved, everybody
 * is new and each append has one event, all are stored or none.
 */
const APPEND_ON_GROUNDS = `
create or replace function event_append_on_grounds(
  people json, newcomers text[], grounds json,
  streams text[], expected int[],
  appends int[], revisions int[], ids uuid[], types text[], datas text[], metadatas text[]
) returns table (actual int, stored text, refusal text) language plpgsql
set enable_seqscan = off as $$
declare
  recorded uuid[];
  outdated int[];
  taken_back uuid[];
  last bigint;
begin
  with inserted as (
    insert into person (id, email_hash, sealed_email, wrapped_key)
      select id, email_hash, sealed_email, wrapped_key from json_populate_recordset(null::person, people)
      order by email_hash
      on conflict (email_hash) do nothing
      returning id
  )
  select coalesce(array_agg(id), '{}') into recorded from inserted;

  perform pg_advisory_xact_lock(7350001);
  select coalesce(array_agg(a.append), '{}') into outdated
    from json_to_recordset(grounds) g(stream text, revision int, appends int[]), unnest(g.appends) a(append)
    where coalesce((select max(e.revision) from event e where e.stream = g.stream), -1) <> g.revision;
  if outdated <> '{}' and recorded <> '{}' then
    select coalesce(array_agg(n.id::uuid), '{}') into taken_back
      from unnest(newcomers) with ordinality n(id, append) where n.append = any(outdated) and n.id = any(recorded::text[]);
    delete from person where id = any(taken_back);
  end if;

  if outdated = '{}' and cardinality(recorded) = json_array_length(people) and cardinality(streams) = cardinality(ids) then
    last := event_append_all(streams, revisions, ids, types, datas, metadatas);
    if last is not null then
      return query
        select e.expected, (last - cardinality(ids) + e.n)::text, null::text from unnest(expected) with ordinality e(expected, n) order by e.n;
      return;
    end if;
  end if;

  return query
    select s.actual, s.stored,
      case when s.stored is null then
        case when s.append = any(outdated) then 'outdated' when newcomers[s.append] <> '-' and newcomers[s.append] <> all(recorded::text[]) then 'known' end
      end
    from event_append(
      streams,
      array(select case when n.append = any(outdated) then -3 when n.id = '-' or n.id = any(recorded::text[]) then expected[n.append] else -2 end
        from unnest(newcomers) with ordinality n(id, append) order by n.append),
      appends, revisions, ids, types, datas, metadatas) with ordinality s(actual, stored, append)
    order by s.append;
end $$`;

export class AppendAllMigration extends Migration {
  override up(): void {
    this.addSql(APPEND_ALL);
    this.addSql(APPEND_ON_GROUNDS);
  }
}
