/** Lint rules: type-aware, strict, and the rules of hooks. */
import js from '@eslint/js';
import hooks from 'eslint-plugin-react-hooks';
import ts from 'typescript-eslint';

/** Words in the page, or in an attribute that is read out; those of the wordmark are a name. */
const UNTRANSLATED = [
  'JSXText[value=/\\p{L}{2}/u][value!=/^\\s*(reel|wire)\\s*$/]',
  'JSXAttribute[name.name=/^(aria-label|aria-description|alt|label|legend|placeholder|title)$/] > Literal[value=/\\p{L}{2}/u]',
];

export default ts.config(
  { ignores: ['dist/', 'node_modules/', 'src/api/schema.ts'] },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [...ts.configs.strictTypeChecked, ...ts.configs.stylisticTypeChecked],
    plugins: { 'react-hooks': hooks },
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      'max-lines': ['error', 400],
      'max-lines-per-function': ['error', 80],
      // Text is text: whatever parses HTML out of strings stays out.
      'no-restricted-properties': [
        'error',
        { property: 'innerHTML' },
        { property: 'outerHTML' },
        { property: 'insertAdjacentHTML' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'JSXAttribute[name.name="dangerouslySetInnerHTML"]', message: 'Text is text.' },
        ...UNTRANSLATED.map((selector) => ({
          selector,
          message: 'What people read or hear is in src/words/.',
        })),
      ],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { attributes: false } },
      ],
    },
  },
);
