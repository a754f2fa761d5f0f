// The pretend server of the screens' development with the built screens before it: for pictures of states that a demo does not reach.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const web = fileURLToPath(new URL('..', import.meta.url));

/** With `links`, a code is "scanned" after a few looks; for pictures it never is. */
export async function startMock({ links = false } = {}) {
  const child = spawn(process.execPath, ['dev/mock.mjs'], { cwd: web, env: { ...process.env, PORT: '0', STATIC: `${web}dist/app`, DELAY: '5', NEVER_LINKS: links ? '0' : '1' }, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  for await (const part of child.stdout) {
    said += part;
    if (/mock on \d+/.test(said)) break;
  }
  const port = /mock on (\d+)/.exec(said)?.[1];
  if (!port) throw new Error('the pretend server did not start');
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      if (child.exitCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };
}
