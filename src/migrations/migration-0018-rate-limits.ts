import { Migration } from '@mikro-orm/migrations';

/** Failed sign-ins and requests through patient links are counted for all instances together. The columns and their order are rate-limiter-flexible's. */
export class RateLimitsMigration extends Migration {
  override up(): void {
    this.addSql(
      'create table rate_limit (key varchar(255) not null, points int not null default 0, expire bigint null, primary key (key))',
    );
  }
}
