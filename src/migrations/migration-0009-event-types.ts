import { Migration } from '@mikro-orm/migrations';

/** As before, and of these types alone where they are named. What calls it without them goes on. */
const READ = `
create function event_after(after bigint, up_to bigint, categories text[], max_events int, types text[] default null) returns setof event
language sql stable set enable_sort = off as $$
  select * from event e
  where e.position > after and e.position <= up_to and e.category = any(categories) and (types is null or e.type = any(types))
  order by e.position limit max_events
$$`;

/** Whoever looks at few types of events is given no others. */
export class EventTypesMigration extends Migration {
  override up(): void {
    this.addSql('drop function event_after(bigint, bigint, text[], int)');
    this.addSql(READ);
  }
}
