import { Migration } from '@mikro-orm/migrations';

/** Finds parts of names. A server may lack the extension; a search then reads the whole list. */
const SEARCH = `
do $$
begin
  create extension if not exists pg_trgm;
  create index deployment_search on deployment using gin (lower(name) gin_trgm_ops);
exception when insufficient_privilege or undefined_file or feature_not_supported or undefined_object then
  raise notice 'searching stays slow in long lists: pg_trgm is missing';
end $$`;

/** The list of the deployments of all organisations. */
export class DeploymentListsMigration extends Migration {
  override up(): void {
    this.addSql('create index deployment_by_name on deployment (name, id)');
    this.addSql(SEARCH);
  }
}
