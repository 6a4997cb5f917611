import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** What a transaction function may never touch: two peers that disagree on it endorse different results. */
const nondeterminism = [
  {
    selector: "MemberExpression[object.name='Date'][property.name='now']",
    message: 'No clock in a contract: use the transaction timestamp.',
  },
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'No clock in a contract: use the transaction timestamp.',
  },
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: 'No randomness in a contract: the SDK supplies salts and ids.',
  },
  {
    selector: "MemberExpression[object.name='process'][property.name='hrtime']",
    message: 'No clock in a contract.',
  },
  {
    selector: 'CallExpression[callee.property.name=/^(toLocale|localeCompare)/]',
    message: 'Locale differs between peers.',
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
    ignores: ['**/*.test.ts', 'chaincode/src/clock/wall-clock.ts'],
    rules: { 'no-restricted-syntax': ['error', ...nondeterminism] },
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
