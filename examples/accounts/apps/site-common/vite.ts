/**
 * How the sites are built: `vite build`, into `dist` or the folder that `BATON_OUT_DIR` names, so that builds of two
 * versions at once do not meet. The release's version reaches the page through `VITE_APP_VERSION`. Everything under `assets/` carries a hash of its content in its name, so that releases can
 * share one pool of assets; everything else belongs to one release.
 */
import react from '@vitejs/plugin-react'
import { defineConfig, type UserConfig } from 'vite'

/** Where `npm run dev` finds the API; a running platform's door by default. */
const api = process.env.API_ORIGIN ?? 'http://127.0.0.1:8080'

export function siteConfig(): UserConfig {
  // index.html and the components read it; a build without a version is not a release.
  process.env.VITE_APP_VERSION ||= 'dev'
  return defineConfig({
    plugins: [react()],
    build: {
      outDir: process.env.BATON_OUT_DIR || 'dist',
      assetsDir: 'assets',
      emptyOutDir: true,
      // Files below this size would be inlined, and grow every page that shows them.
      assetsInlineLimit: 0,
      reportCompressedSize: false,
    },
    server: { proxy: { '/api': api } },
  })
}
