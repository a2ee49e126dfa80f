import { Migration } from '@mikro-orm/migrations';

/**
 * For searching: parts of addresses and names, by the groups of three letters in them. The extension is PostgreSQL's own, yet a server may not have it, or
 * not let this user add it to the database; then searching reads whatever is left by the other filters, as it did before.
 */
const SEARCH = `
do $$
begin
  create extension if not exists pg_trgm;
  create index person_directory_search on person_directory using gin (email gin_trgm_ops, lower(name) gin_trgm_ops);
exception when insufficient_privilege or undefined_file or feature_not_supported or undefined_object then
  raise notice 'searching stays slow in long lists: pg_trgm is missing';
end $$`;

const INDEXES = [
  // A scope's invitations to one role.
  'create index invitation_by_role on invitation (scope_id, kind, role, invited_at, id)',
  // People in the order of their addresses, as lists compare them.
  `create index person_directory_by_email on person_directory ((coalesce(email, '') collate "C"))`,
  // No statement compares an address otherwise.
  'drop index person_directory_email_index',
];

export class ListIndexesMigration extends Migration {
  override up(): void {
    this.addSql(SEARCH);
    for (const statement of INDEXES) this.addSql(statement);
  }
}
