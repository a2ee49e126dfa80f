import tseslint from 'typescript-eslint';

const focusedOrSkipped = ['describe', 'it', 'test'].flatMap((object) =>
  ['only', 'skip', 'todo'].map((property) => ({
    object,
    property,
    message: "Every test runs. A file defines no test that can't run, and prints why.",
  })),
);

const skippedGlobals = ['fdescribe', 'fit', 'xdescribe', 'xit', 'xtest'].map((name) => ({
  name,
  message: 'Every test runs.',
}));

/** Tests beside the pure file that they test. The rules of tests apply to them, and not those of the product. */
const TESTS_IN_SRC = 'src/**/*.test.ts';

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'node_modules/',
      'data/',
      'data-demo/',
      'coverage/',
      'bench/.build/',
      'bench/peers/*/node_modules/',
      'test/architecture/fixtures/',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    name: 'every file',
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-eval': 'error',
      'no-var': 'error',
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'] }],
      'prefer-const': 'error',
      'no-cond-assign': 'error',
      'no-constant-condition': ['error', { checkLoops: 'allExceptWhileTrue' }],
      'no-control-regex': 'error',
      'no-debugger': 'error',
      'no-dupe-else-if': 'error',
      'no-duplicate-case': 'error',
      'no-empty': 'error',
      'no-empty-pattern': 'error',
      'no-fallthrough': 'error',
      'no-irregular-whitespace': 'error',
      'no-misleading-character-class': 'error',
      'no-prototype-builtins': 'error',
      'no-self-assign': 'error',
      'no-self-compare': 'error',
      'no-unreachable-loop': 'error',
      'no-unsafe-finally': 'error',
      'no-unsafe-optional-chaining': 'error',
      'no-useless-escape': 'error',
    },
  },
  {
    name: 'src, test and bench, with types',
    files: ['src/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      // A switch over a union names every member and has no `default`, so that a new member stops the build.
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        {
          allowDefaultCaseForExhaustiveSwitch: false,
          considerDefaultExhaustiveForUnions: false,
          requireDefaultForNonUnion: true,
        },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        {
          args: 'after-used',
          argsIgnorePattern: '^_',
          varsIgnorePattern: '^_',
          caughtErrorsIgnorePattern: '^_',
          ignoreRestSiblings: true,
        },
      ],
      // The rule skips files with decorators, because Nest needs the class itself there, not its type.
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      // Nest's modules are empty classes under a decorator.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // An `async` method without `await` returns a promise as its interface demands, and rejects instead of throwing.
      '@typescript-eslint/require-await': 'off',
      // The caller of `kysely<Tables>()` names the tables.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // The rule would refuse `Promise.withResolvers<void>()`.
      '@typescript-eslint/no-invalid-void-type': 'off',
      // MikroORM's types name a base class where its drivers bring their own.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
    },
  },
  {
    name: 'src',
    files: ['src/**/*.ts'],
    ignores: [TESTS_IN_SRC, 'src/bootstrap/terminal.ts'],
    rules: { 'no-console': 'error' },
  },
  {
    name: 'errors have names, and transactions wait for their own connection alone',
    files: ['src/**/*.ts'],
    ignores: [TESTS_IN_SRC],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: ":matches(NewExpression, CallExpression)[callee.name='Error']",
          message: 'The log shows only the name of an error, so give the error a class with a telling name.',
        },
        {
          selector:
            ":matches(CallExpression[callee.property.name='transaction'], CallExpression[callee.name='ofOnePerson'], CallExpression[callee.property.name='ofOnePerson']) > ArrowFunctionExpression AwaitExpression:not(:has(Identifier[name='trx']))",
          message:
            'An embedded database has one connection: what waits for another one inside a transaction waits for ever.',
        },
      ],
    },
  },
  {
    name: 'configuration is read in one place',
    files: ['src/**/*.ts'],
    ignores: [TESTS_IN_SRC, 'src/bootstrap/config.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only src/bootstrap/config.ts reads the environment.' },
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: ['process', 'node:process'].map((name) => ({
            name,
            importNames: ['env'],
            message: 'Only src/bootstrap/config.ts reads the environment.',
          })),
        },
      ],
    },
  },
  {
    name: 'test',
    files: ['test/**/*.ts', TESTS_IN_SRC],
    rules: {
      'no-restricted-properties': ['error', ...focusedOrSkipped],
      'no-restricted-globals': ['error', ...skippedGlobals],
      // HTTP responses and rows are `any` until the test has checked them.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);
