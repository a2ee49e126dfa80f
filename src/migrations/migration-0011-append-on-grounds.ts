import { Migration } from '@mikro-orm/migrations';

/**
 * `event_append`, and in the same transaction the people whom its events are the first to be about; stored only while other streams are where they were.
 * It takes the place of `event_append_with_people`, which instances of the version before still call.
 * `newcomers`: per append an id out of `people`, or '-' for nobody. `grounds`: `[{stream, revision, appends}]`, revision -1 for a stream without events, and
 * the appends (from 1) that depend on it. `refusal` says why an append is not stored although its stream is as expected: `outdated`, one of its grounds
 * has moved; `known`, the newcomer's address is somebody's already. An append whose events are there, from an attempt whose answer was lost, is stored
 * whatever has happened since.
 * People are locked in one order and before the log, so that writers wait for each other instead of deadlocking. The log is locked before the grounds
 * are looked at: nobody else appends between that and the commit. Whoever was recorded for an outdated append is taken back.
 */
const APPEND_ON_GROUNDS = `
create function event_append_on_grounds(
  people json, newcomers text[], grounds json,
  streams text[], expected int[],
  appends int[], revisions int[], ids uuid[], types text[], datas text[], metadatas text[]
) returns table (actual int, stored text, refusal text) language plpgsql
set enable_seqscan = off as $$
declare
  recorded uuid[];
  outdated int[];
  taken_back uuid[];
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

export class AppendOnGroundsMigration extends Migration {
  override up(): void {
    this.addSql(APPEND_ON_GROUNDS);
  }
}
