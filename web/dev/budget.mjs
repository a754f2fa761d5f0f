// The weight of the first load of the inbox and of each further route, gzip. Fails over the budget.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const FIRST = 150_000;
const ROUTE = 40_000;
const root = new URL('../dist/app/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', root), 'utf8'));
const weight = (file) => gzipSync(readFileSync(new URL(file, root)), { level: 9 }).length;

const closure = (key, seen = new Set()) => {
  if (!seen.has(key)) {
    seen.add(key);
    for (const next of manifest[key].imports ?? []) closure(next, seen);
  }
  return seen;
};
const sum = (keys) => [...keys].reduce((total, key) => total + weight(manifest[key].file), 0);
const kb = (bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(9);

const first = new Set([...closure('index.html'), ...closure('src/i18n/he.ts'), ...closure('src/routes/inbox.tsx')]);
let over = false;
const line = (name, bytes, budget) => {
  const bad = budget && bytes > budget;
  over ||= bad;
  console.log(`${kb(bytes)}  ${name}${budget ? ` (budget ${budget / 1000} kB)${bad ? '  OVER' : ''}` : ''}`);
};
console.log('\nJS, gzip');
line('first load of the inbox', sum(first), FIRST);
// A conversation is a route of its own, with the lead beside it.
const thread = [...closure('src/features/inbox/thread.tsx'), ...closure('src/features/inbox/lead-panel.tsx'), 'src/i18n/he-thread.ts'].filter((key) => !first.has(key));
line('a conversation opened in it', sum(new Set(thread)), ROUTE);
for (const [key, chunk] of Object.entries(manifest)) {
  if (!chunk.isDynamicEntry || first.has(key)) continue;
  const own = [...closure(key)].filter((other) => !first.has(other));
  line(key, sum(own), key.startsWith('src/routes/') ? ROUTE : 0);
}
if (over) process.exitCode = 1;
