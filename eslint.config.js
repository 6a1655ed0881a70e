import tseslint from 'typescript-eslint'

const wechatCalls = {
  from: 'package',
  package: 'miniprogram-api-typings',
  name: [
    ...['navigateTo', 'redirectTo', 'reLaunch', 'switchTab', 'navigateBack', 'setNavigationBarTitle', 'setTabBarItem'],
    ...['showToast', 'hideToast', 'showLoading', 'hideLoading', 'stopPullDownRefresh', 'setClipboardData'],
  ],
}

// Biome lints everything else; these three need the type checker.
export default tseslint.config(
  { ignores: ['dist', 'build', 'node_modules', 'test/support/miniprogram-fixtures', '**/*.d.ts'] },
  {
    files: [
      'src/**/*.ts',
      'console/**/*.{ts,tsx}',
      'devices/**/*.ts',
      'miniprogram/**/*.ts',
      'test/**/*.ts',
      'scripts/**/*.ts',
    ],
    plugins: { '@typescript-eslint': tseslint.plugin },
    languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
    },
  },
  {
    // What these of WeChat refuse, nobody can do anything about: a page that is not there, a toast without a page.
    files: ['miniprogram/app/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': ['error', { allowForKnownSafeCalls: [wechatCalls] }],
    },
  },
)
