const { existsSync, readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

/** Violating source trees, one per rule; the same rules read them (test/architecture/boundaries.test.ts). */
const FIXTURES = 'test/architecture/fixtures';

/** Where a source tree starts, as a pattern: the real one or a fixture's. Holds no capturing group. */
const TREE = `^(?:|${FIXTURES}/[^/]+/)`;
const SRC = `${TREE}src/`;

/** Tests, which may stand beside the pure file that they test. */
const TEST = '\\.test\\.ts$';

/** What isn't part of the product. A fixture's own src is below test, and is. */
const OUTSIDE = `${TREE}(?:test|bench|scripts|dist)/(?!architecture/fixtures/)`;

/** Files that talk to the world, told by their suffix or folder. */
const IMPURE = `${SRC}(?:.+\\.(?:command|query|controller|projection|reaction|module|guard)|shared/database/.+)\\.ts$`;

/** Pure files: events (`*.events.ts`), the decider beside them (same stem), and every file without a suffix that exports an `evolve…`. */
function pureFiles(folder) {
  if (!existsSync(join(__dirname, folder))) return [];
  const files = readdirSync(join(__dirname, folder), { recursive: true })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`);
  const events = files.filter((file) => file.endsWith('.events.ts'));
  const deciders = events.map((file) => file.replace(/\.events\.ts$/, '.ts')).filter((file) => files.includes(file));
  const evolving = files
    .filter((file) => /\/[^/.]+\.ts$/.test(file))
    .filter((file) => /^export (?:const|function) evolve/m.test(readFileSync(join(__dirname, file), 'utf8')));
  return [...new Set([...events, ...deciders, ...evolving])].sort();
}

/** Whose contracts a module may use. What isn't listed uses none. */
const MAY_USE = {
  people: [],
  accounts: ['people', 'access'],
  // Of accounts a type alone, and in its Nest module what is injected.
  access: ['people', 'accounts'],
  invitations: ['people', 'accounts', 'access'],
  organisations: ['accounts', 'access'],
  deployments: ['accounts', 'access'],
  roles: ['accounts', 'access'],
  operations: ['accounts', 'access'],
  staff: ['people', 'accounts', 'access', 'invitations'],
  patients: ['people', 'accounts', 'access', 'invitations', 'deployments'],
  groups: ['people', 'accounts', 'access', 'invitations', 'staff'],
  me: ['people', 'accounts', 'access', 'staff', 'patients', 'groups'],
  portal: ['people', 'accounts', 'access', 'invitations', 'patients', 'groups', 'me'],
};
const TABLE = 'modules-use-what-the-table-allows';
/** Fixtures of other rules have modules of these names, too. */
const TABLED = `^(?:|${FIXTURES}/${TABLE}/)src/modules/`;
const tableRules = [...Object.entries(MAY_USE), [`(?!(?:${Object.keys(MAY_USE).join('|')})/)[^/]+`, []]].map(
  ([module, others]) => ({
    name: TABLE,
    comment: 'The table MAY_USE says whose contracts a module may use.',
    severity: 'error',
    from: { path: `${TABLED}(${module})/` },
    to: { path: TABLED, pathNot: [`${TABLED}(?:${['$1', ...others].join('|')})/`] },
  }),
);

const exactly = (file) => `^${file.replaceAll(/[.+*?^$()[\]{}|\\]/g, '\\$&')}$`;
const pure = [...pureFiles('src'), ...pureFiles(FIXTURES)].map(exactly);
/** An empty list of paths would match every file. */
const PURE = pure.length > 0 ? pure : ['^$'];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...tableRules,
    {
      name: 'modules-meet-at-contracts',
      comment: 'A module may import nothing of another one but its *.contract.ts.',
      severity: 'error',
      from: { path: `${SRC}modules/([^/]+)/` },
      to: { path: `${SRC}modules/`, pathNot: [`${SRC}modules/$1/`, `${SRC}modules/[^/]+/[^/]+\\.contract\\.ts$`] },
    },
    {
      name: 'shared-knows-no-module',
      comment: 'src/shared serves every module and imports none, not even a contract.',
      severity: 'error',
      from: { path: `${SRC}shared/` },
      to: { path: `${SRC}modules/` },
    },
    {
      name: 'application-stays-on-top',
      comment: 'Neither shared code nor a module imports what puts the application together.',
      severity: 'error',
      from: { path: `${SRC}(?:shared|modules)/` },
      to: { path: `${SRC}(?:(?:main|app\\.module)\\.ts$|bootstrap/|cli/)` },
    },
    {
      name: 'pure-files-import-no-package',
      comment: 'Deciders and events are plain TypeScript: no Nest, no library, nothing of Node.',
      severity: 'error',
      from: { path: PURE },
      to: { pathNot: `${TREE}(?:src|test)/` },
    },
    {
      name: 'pure-files-import-no-io-file',
      comment: 'Deciders and events import no handler, projection, controller, Nest module or database.',
      severity: 'error',
      from: { path: PURE },
      to: { path: IMPURE },
    },
    {
      name: 'no-cycles',
      comment:
        'No file needs itself, directly or round a corner. Types may (`import type`): they are gone at run time.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'src-imports-no-test',
      comment: 'The product runs without its tests, those beside their file included, benchmarks and scripts.',
      severity: 'error',
      from: { path: SRC, pathNot: TEST },
      to: { path: [OUTSIDE, `${SRC}.+${TEST}`] },
    },
    {
      name: 'tests-in-src-import-support-alone',
      comment: 'A test beside its file needs no product, no database and no other test: of test it may use support.',
      severity: 'error',
      from: { path: `${SRC}.+${TEST}` },
      to: {
        path: [OUTSIDE, `${SRC}.+${TEST}`],
        pathNot: `${TREE}test/support/(?!(?:engines|test-server|world)\\.ts$)`,
      },
    },
    {
      name: 'src-imports-no-dev-dependency',
      comment: 'What the product runs with is a dependency, not a devDependency. Types may come from one.',
      severity: 'error',
      from: { path: SRC, pathNot: TEST },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'imports-resolve',
      comment: 'An import that leads nowhere is one that the other rules are blind to.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: join(__dirname, 'tsconfig.json') },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json', '.node', '.d.ts'],
    },
  },
};
