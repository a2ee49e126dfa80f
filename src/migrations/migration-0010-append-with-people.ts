import { Migration } from '@mikro-orm/migrations';

/**
 * `event_append`, and in the same transaction the people whom its events are the first to be about. `newcomers` has one entry per append: an id
 * out of `people`, or nothing. Where the address is somebody's already, by whichever process, the person is not recorded and the append is refused
 * although its stream is as expected; unless its events are there already, from an attempt whose answer was lost.
 * Rows are locked in one order and before the log, so that writers wait for each other instead of deadlocking.
 */
const APPEND_WITH_PEOPLE = `
create function event_append_with_people(
  people json, newcomers text[],
  streams text[], expected int[],
  appends int[], revisions int[], ids uuid[], types text[], datas text[], metadatas text[]
) returns table (actual int, stored text) language plpgsql as $$
declare
  recorded text[];
begin
  with inserted as (
    insert into person (id, email_hash, sealed_email, wrapped_key)
      select id, email_hash, sealed_email, wrapped_key from json_populate_recordset(null::person, people)
      order by email_hash
      on conflict (email_hash) do nothing
      returning id
  )
  select coalesce(array_agg(id::text), '{}') into recorded from inserted;

  return query select * from event_append(
    streams,
    array(select case when n.id = '' or n.id = any(recorded) then expected[n.append] else -2 end
      from unnest(newcomers) with ordinality n(id, append) order by n.append),
    appends, revisions, ids, types, datas, metadatas);
end $$`;

export class AppendWithPeopleMigration extends Migration {
  override up(): void {
    this.addSql(APPEND_WITH_PEOPLE);
  }
}
