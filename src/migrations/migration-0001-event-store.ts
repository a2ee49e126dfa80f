import { Migration } from '@mikro-orm/migrations';

/**
 * The log. `json` keeps the text as it was written (NUL and lone surrogates included, which `jsonb` refuses) and is read
 * back without conversion.
 */
const TABLE = `
create table event (
  position bigint primary key,
  stream text collate "C" not null,
  category text collate "C" not null generated always as (split_part(stream, '-', 1)) stored,
  revision int not null,
  id uuid not null,
  type text not null,
  data json not null,
  metadata json not null,
  recorded_at timestamptz(3) not null,
  unique (stream, revision)
)`;

const REFUSE_CHANGE = `
create function event_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'events are never changed or removed' using errcode = 'restrict_violation';
end $$`;

const NEVER_CHANGED = `
create trigger event_never_changed before update or delete or truncate on event
for each statement execute function event_refuse_change()`;

/** "always": also for a session that has turned ordinary triggers off. */
const NEVER_CHANGED_ALWAYS = 'alter table event enable always trigger event_never_changed';

/**
 * Group commit: many appends, each with its own expectation and outcome (`stored`: position of its last event, or null).
 * The lock is held until the commit is visible, so positions are handed out in commit order. Counting on from the last
 * position instead of using a sequence leaves no gaps, needs nothing but the table to be restored, and lets the primary
 * key refuse a writer who came past the lock.
 * `appends`, `revisions`, `ids` … have one entry per event, `appends` saying which append (from 1) it belongs to.
 * Sequential scans are off because a plan that was made while the table was empty stays.
 */
const APPEND = `
create function event_append(
  streams text[], expected int[],
  appends int[], revisions int[], ids uuid[], types text[], datas text[], metadatas text[]
) returns table (actual int, stored text) language plpgsql
set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
declare
  last_position bigint;
  found_at int[];
  stored_at timestamptz;
begin
  perform pg_advisory_xact_lock(7350001);
  stored_at := clock_timestamp();
  select coalesce(max(e.position), 0) into last_position from event e;
  select array_agg(coalesce((select max(e.revision) from event e where e.stream = a.stream), -1) order by a.n)
    into found_at from unnest(streams) with ordinality a(stream, n);

  insert into event (position, stream, revision, id, type, data, metadata, recorded_at)
    select last_position + row_number() over (order by e.n), streams[e.append], e.revision, e.id, e.type,
      e.data::json, e.metadata::json, stored_at
    from unnest(appends, revisions, ids, types, datas, metadatas) with ordinality
      e(append, revision, id, type, data, metadata, n)
    where found_at[e.append] = expected[e.append]
    order by e.n;

  if found_at = expected then
    return query
      select found_at[e.append], (last_position + max(e.n))::text
      from unnest(appends) with ordinality e(append, n)
      group by e.append
      order by e.append;
  else
    return query
      select found_at[e.append], case when count(s.position) = count(*) then max(s.position)::text end
      from unnest(appends, revisions, ids) e(append, revision, id)
      left join event s on s.stream = streams[e.append] and s.revision = e.revision and s.id = e.id
      group by e.append
      order by e.append;
  end if;
end $$`;

/**
 * Events of these categories in the given stretch of positions, and the last position of these categories. Sorting is off
 * so that they always walk the primary key: without statistics the planner would rather sort the rest of the log.
 */
const READ = `
create function event_after(after bigint, up_to bigint, categories text[], max_events int) returns setof event
language sql stable set enable_sort = off as $$
  select * from event e
  where e.position > after and e.position <= up_to and e.category = any(categories)
  order by e.position limit max_events
$$`;

const HEAD = `
create function event_head(categories text[]) returns bigint
language sql stable set enable_sort = off as $$
  select e.position from event e where e.category = any(categories) order by e.position desc limit 1
$$`;

export class EventStoreMigration extends Migration {
  override up(): void {
    this.addSql(TABLE);
    this.addSql(REFUSE_CHANGE);
    this.addSql(NEVER_CHANGED);
    this.addSql(NEVER_CHANGED_ALWAYS);
    this.addSql(APPEND);
    this.addSql(READ);
    this.addSql(HEAD);
  }
}
