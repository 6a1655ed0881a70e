import { join } from 'node:path'
import { defineConfig } from 'vite'

/** Everything is a file of its own: the page's Content Security Policy allows nothing inline, no `data:` and no `blob:`. */
export default defineConfig({
  root: import.meta.dirname,
  base: './', // a proxy may serve it below any path
  build: {
    outDir: join(import.meta.dirname, '..', 'dist', 'console'),
    emptyOutDir: true,
    // Browsers of 2024 and later: `light-dark()` is theirs.
    target: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1024,
  },
})
