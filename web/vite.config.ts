import { rename } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** The two fonts are on the first screen: ask for them with the page, not after the style sheet; on a slow line behind the code. */
function preloadFonts(base: string): Plugin {
  return {
    name: 'preload-fonts',
    transformIndexHtml: {
      order: 'post',
      handler(html, context) {
        const fonts = Object.keys(context.bundle ?? {}).filter((name) => name.endsWith('.woff2'));
        return {
          html,
          tags: fonts.map((name) => ({
            tag: 'link',
            injectTo: 'head-prepend' as const,
            attrs: { rel: 'preload', as: 'font', type: 'font/woff2', crossorigin: true, fetchpriority: 'low', href: `${base}${name}` },
          })),
        };
      },
    },
  };
}

/** `phone.html` is served as the index of its own folder. */
function asIndex(directory: string): Plugin {
  return {
    name: 'as-index',
    async closeBundle() {
      await rename(`${directory}/phone.html`, `${directory}/index.html`);
    },
  };
}

/** React Aria carries thirty languages of its own; we speak two. */
function onlyOurLocales(): Plugin {
  return {
    name: 'only-our-locales',
    enforce: 'pre',
    load(id) {
      if (!/node_modules\/(@react-aria|@react-stately|react-aria|react-stately|react-aria-components)\//.test(id)) return null;
      const locale = /\/([a-z]{2}-[A-Z]{2})(\.module)?\.(m?js|json)$/.exec(id)?.[1];
      return locale && locale !== 'he-IL' && locale !== 'en-US' ? 'export default {};' : null;
    },
  };
}

const first = new RegExp([
  'node_modules/(@tanstack|react|react-dom|scheduler)/', 'lucide-react/dist/esm/(createLucideIcon|Icon|context|defaultAttributes|shared/)',
  'src/api/(client|query-client|session|channels|conversations|leads|users)\\.ts', 'src/lib/(?!drafts|direction)', 'src/i18n/(index|message)\\.ts',
  'src/components/(bdi|button|channel|demo-pill|face|kbd|layer|mark|menu|pill|popover|states|tabs|tip|toast)\\.tsx',
].join('|'));

export default defineConfig(({ mode }) => {
  const phone = mode === 'phone';
  const base = phone ? '/phone/' : '/';
  const out = phone ? 'dist/phone' : 'dist/app';
  return {
    base,
    plugins: [onlyOurLocales(), react(), tailwind(), preloadFonts(base), ...(phone ? [asIndex(out)] : [])],
    resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
    define: { 'process.env.NODE_ENV': JSON.stringify(mode === 'development' || mode === 'test' ? mode : 'production') },
    build: {
      outDir: out,
      emptyOutDir: true,
      target: 'es2022',
      manifest: true,
      modulePreload: { polyfill: false },
      rollupOptions: {
        input: phone ? 'phone.html' : 'index.html',
        // What the first screen needs is one file: cut by who else uses it, it packs worse.
        output: phone ? {} : { codeSplitting: { groups: [{ name: 'base', test: first }] } },
      },
    },
    server: {
      port: 5173,
      proxy: {
        '/api': { target: process.env.KESHER_API ?? 'http://127.0.0.1:5180', changeOrigin: false },
        // The sandbox takes loopback only, by name and by origin.
        '/phone/api': { target: process.env.KESHER_SANDBOX ?? 'http://127.0.0.1:5190', changeOrigin: true },
        '/control': { target: process.env.KESHER_SANDBOX ?? 'http://127.0.0.1:5190', changeOrigin: true },
      },
    },
    test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'] },
  };
});
