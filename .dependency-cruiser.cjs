const { existsSync, readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

/** Source trees that violate one rule each. The same rules read them (test/architecture/boundaries.test.ts). */
const FIXTURES = 'test/architecture/fixtures';

/** A pattern for the start of a source tree, the real one or a fixture's. It holds no capturing group. */
const TREE = `^(?:|${FIXTURES}/[^/]+/)`;
const SRC = `${TREE}src/`;

/** Tests, which may stand beside the pure file that they test. */
const TEST = '\\.test\\.ts$';

/** The folders outside of the product. A fixture's src counts as the product, although it is below test. */
const OUTSIDE = `${TREE}(?:test|bench|scripts|dist)/(?!architecture/fixtures/)`;

/** Files that do input or output, known by their suffix or folder. */
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

/** The modules whose contracts every inviting module may use. */
const CORE = ['people', 'accounts', 'access', 'invitations'];

/** The modules whose contracts a module may use. A module that isn't listed may use the core's. */
const MAY_USE = {
  people: [],
  accounts: ['people', 'access'],
  // It uses only a type of accounts, and injected services in its Nest module.
  access: ['people', 'accounts'],
  invitations: ['people', 'accounts', 'access'],
  organisations: ['accounts', 'access'],
  deployments: ['accounts', 'access'],
  roles: ['accounts', 'access'],
  operations: ['accounts', 'access', 'history'],
  staff: CORE,
  patients: [...CORE, 'deployments'],
  groups: [...CORE, 'staff'],
  history: ['people', 'accounts', 'access', 'groups'],
  me: [...CORE, 'staff', 'patients', 'groups'],
  reverts: [...CORE, 'organisations', 'deployments', 'roles', 'staff', 'patients', 'groups', 'history'],
  portal: [
    ...CORE,
    'organisations',
    'deployments',
    'roles',
    'staff',
    'patients',
    'observers',
    'groups',
    'me',
    'operations',
    'history',
    'reverts',
  ],
};
const TABLE = 'modules-use-what-the-table-allows';
/** The pattern names one fixture, because fixtures of other rules have modules of these names too. */
const TABLED = `^(?:|${FIXTURES}/${TABLE}/)src/modules/`;
const tableRules = [...Object.entries(MAY_USE), [`(?!(?:${Object.keys(MAY_USE).join('|')})/)[^/]+`, CORE]].map(
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
/** The list is never empty, because an empty list of paths would match every file. */
const PURE = pure.length > 0 ? pure : ['^$'];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...tableRules,
    {
      name: 'modules-meet-at-contracts',
      comment: 'A module may import only the *.contract.ts of another module.',
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
      comment: 'Shared code and modules import no file that assembles the application.',
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
        'No file imports itself, directly or through others. `import type` may, because types are gone at run time.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'src-imports-no-test',
      comment: 'The product imports no test, no benchmark and no script. Tests beside its files count as tests.',
      severity: 'error',
      from: { path: SRC, pathNot: TEST },
      to: { path: [OUTSIDE, `${SRC}.+${TEST}`] },
    },
    {
      name: 'tests-in-src-import-support-alone',
      comment: 'A test beside its file uses no product, no database and no other test. It may import test/support.',
      severity: 'error',
      from: { path: `${SRC}.+${TEST}` },
      to: {
        path: [OUTSIDE, `${SRC}.+${TEST}`],
        pathNot: `${TREE}test/support/(?!(?:engines|test-server|scenarios)\\.ts$)`,
      },
    },
    {
      name: 'src-imports-no-dev-dependency',
      comment: 'The product uses no devDependency at run time. It may import types of one.',
      severity: 'error',
      from: { path: SRC, pathNot: TEST },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'imports-resolve',
      comment: 'Every import resolves, because the other rules overlook an import that leads to no file.',
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
