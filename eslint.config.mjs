import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const CLOCK = 'No clock in a contract: use the transaction timestamp.';
const RANDOM = 'No randomness in a contract: the SDK supplies salts and ids.';
const LOCALE = 'Time zone and locale differ between peers: use UTC, and compare by code units.';
const ORDER = 'The order of members is not the same for all who sent them: iterate over sorted names.';

/** What a transaction function may never touch: two peers that disagree on it endorse different results. */
const nondeterminism = [
  [CLOCK, "MemberExpression[object.name='Date'][property.name='now']"],
  [CLOCK, "NewExpression[callee.name='Date'][arguments.length=0]"],
  [CLOCK, "CallExpression[callee.name='Date']"],
  [CLOCK, "MemberExpression[object.name='process'][property.name=/^(hrtime|uptime)$/]"],
  [CLOCK, "MemberExpression[object.name='performance']"],
  [CLOCK, 'CallExpression[callee.name=/^set(Timeout|Interval|Immediate)$/]'],
  [RANDOM, "MemberExpression[object.name='Math'][property.name='random']"],
  [RANDOM, 'ImportSpecifier[imported.name=/^(random(Bytes|Fill|Int|UUID)|generateKey|getRandom|webcrypto)/]'],
  [
    RANDOM,
    'MemberExpression[property.name=/^(randomBytes|randomInt|randomUUID|randomFill|getRandomValues)/]',
  ],
  [LOCALE, 'MemberExpression[property.name=/^(toLocale|localeCompare)/]'],
  [LOCALE, "MemberExpression[object.name='Intl']"],
  [
    LOCALE,
    'MemberExpression[property.name=/^[gs]et(Date|Day|FullYear|Hours|Milliseconds|Minutes|Month|Seconds|TimezoneOffset|Year)$/]',
  ],
  [LOCALE, 'MemberExpression[property.name=/^to(Date|Time)String$/]'],
  [ORDER, 'ForInStatement'],
].map(([message, selector]) => ({ selector, message }));

/** What is stored, hashed or endorsed has one form; and what is submitted reads no ranges. */
const contracts = [
  {
    selector: "MemberExpression[object.name='JSON'][property.name='stringify']",
    message: `${ORDER} canonicalJson does.`,
  },
  {
    selector:
      "MethodDefinition:has(Decorator > CallExpression[callee.name='Transaction'][arguments.length=0]) MemberExpression[property.name=/^(range|rangePrivate|privateHash)$/]",
    message: 'No range reads in submitted functions: any insertion into the range would invalidate them.',
  },
];

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/coverage/**',
      '**/node_modules/**',
      '.vitaledger/**',
      'chaincode/deploy/package/**',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      complexity: ['error', 10],
      'max-lines': ['warn', { max: 400, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
    },
  },
  {
    files: ['domain/src/**/*.ts', 'chaincode/src/**/*.ts'],
    ignores: ['**/*.test.ts', 'chaincode/src/clock/wall-clock.ts', 'chaincode/src/testing/**'],
    rules: { 'no-restricted-syntax': ['error', ...nondeterminism] },
  },
  {
    files: ['chaincode/src/**/*.ts'],
    ignores: ['**/*.test.ts', 'chaincode/src/clock/wall-clock.ts', 'chaincode/src/testing/**'],
    rules: { 'no-restricted-syntax': ['error', ...nondeterminism, ...contracts] },
  },
  {
    // Encrypts answers of evaluated functions, which nobody endorses.
    files: ['chaincode/src/disclosure/sealed-answer.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...nondeterminism.filter(({ message }) => message !== RANDOM),
        ...contracts,
      ],
    },
  },
  {
    files: ['**/*.test.ts', 'test/src/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
      'max-lines': 'off',
    },
  },
  {
    files: ['**/*.mjs', '**/*.cjs', '**/*.js'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        require: 'readonly',
        module: 'writable',
        __dirname: 'readonly',
        Buffer: 'readonly',
        setTimeout: 'readonly',
        performance: 'readonly',
      },
    },
  },
);
