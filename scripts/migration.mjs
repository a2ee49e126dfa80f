// Makes the next migration from a template: `npm run migration -- <name>`. It never renames one, because databases record
// migrations by name.
import { readdirSync, writeFileSync } from 'node:fs';

const FOLDER = 'src/migrations';
const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

const [name = '', ...more] = process.argv.slice(2);
if (!NAME.test(name) || more.length > 0) {
  console.error(
    'Usage: npm run migration -- <name>, in small letters with hyphens, for example npm run migration -- patient-notes',
  );
  process.exit(2);
}
const numbers = readdirSync(FOLDER).map((file) => Number(/^migration-(\d{4})-/.exec(file)?.[1] ?? 0));
const number = String(Math.max(0, ...numbers) + 1).padStart(4, '0');
const file = `${FOLDER}/migration-${number}-${name}.ts`;
const className = `${name
  .split('-')
  .map((word) => word[0].toUpperCase() + word.slice(1))
  .join('')}Migration`;
if (readdirSync(FOLDER).some((other) => other.endsWith(`-${name}.ts`))) {
  console.error(`There is a migration called ${name} already: choose another name`);
  process.exit(1);
}

writeFileSync(
  file,
  `import { Migration } from '@mikro-orm/migrations';

/** Say what it is for, and why instances of the version before still work beside it. */
export class ${className} extends Migration {
  override up(): void {
    this.addSql('select 1');
  }
}
`,
);
console.log(`The new migration is ${file}. Next:
1. Write its SQL. Only add: old and new instances run side by side during an upgrade.
2. List it at the end of ${FOLDER}/migrations.ts:
     import { ${className} } from './migration-${number}-${name}.js';
     { name: '${number}-${name}', class: ${className} },
3. Describe a new table or column as an entity, and list new entities in src/bootstrap/entities.ts: test/migrations.test.ts compares them.
4. Name a new table in docs/architecture.md, and in src/shared/transfer/transfer-tables.ts if it can't be replayed from the log.
5. Change an SQL function in its own .sql file first, and paste the file's text: sql-functions.test.ts compares them. CONTRIBUTING.md says how.`);
