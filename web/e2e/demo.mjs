// A `kesher demo` of our own: free ports, a data folder that goes with it, ended (or killed) by process id.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync, closeSync, readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const binary = resolve(process.env.KESHER_BINARY ?? join(root, 'target/debug/kesher'));
const START_WITHIN = 60_000;

async function freePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  }));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

/** The whole family of a process, the youngest last. */
function family(pid) {
  const parents = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It ended while we looked.
    }
  }
  const all = [pid];
  for (const one of all) for (const [child, parent] of parents) if (parent === one) all.push(child);
  return all;
}

const alive = (pid) => {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
};

export async function until(what, look, within = 15_000) {
  const end = performance.now() + within;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > end) throw new Error(`not within ${within / 1000} s: ${what}`);
    await new Promise((done) => setTimeout(done, 40));
  }
}

export async function startDemo() {
  if (!existsSync(binary)) throw new Error(`there is no ${binary}: run 'cargo build -p server --bin kesher', or set KESHER_BINARY`);
  const data = await mkdtemp(join(tmpdir(), 'kesher-e2e-'));
  const [port, sandboxPort] = await freePorts(2);
  const demo = new Demo(data, port, sandboxPort);
  process.once('exit', () => demo.killNow());
  try {
    await demo.start();
  } catch (error) {
    demo.killNow();
    throw error;
  }
  return demo;
}

/** An installation that nobody has set up yet. */
export async function startEmpty() {
  const data = await mkdtemp(join(tmpdir(), 'kesher-e2e-'));
  const [port] = await freePorts(1);
  const child = spawn(binary, ['serve', '--data', data, '--listen', `127.0.0.1:${port}`], { cwd: data, stdio: ['ignore', 'pipe', 'ignore'] });
  process.once('exit', () => child.kill('SIGKILL'));
  let said = '';
  child.stdout.on('data', (words) => (said += words));
  const setupLink = await until('the server says where to set it up', () => /https?:\/\/[^\s]+\/setup\?token=\S+/.exec(said)?.[0], START_WITHIN);
  const url = new URL(setupLink).origin;
  const owner = { email: 'owner@example.com', password: 'ארבע מילים בלי קשר' };
  return {
    url, setupLink, owner,
    async setUp() {
      const answer = await fetch(`${url}/api/v1/setup`, {
        method: 'POST', headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID(), Origin: url },
        body: JSON.stringify({ token: new URL(setupLink).searchParams.get('token'), workspace_name: 'משרד לדוגמה', name: 'רוני לדוגמה', locale: 'he', ...owner }),
      });
      if (!answer.ok) throw new Error(`setup: ${answer.status} ${await answer.text()}`);
    },
    async stop() {
      child.kill('SIGTERM');
      await until('the server ends', () => !alive(child.pid), 10_000).catch(() => child.kill('SIGKILL'));
      await rm(data, { recursive: true, force: true });
    },
  };
}

class Demo {
  starts = 0;
  child = null;

  constructor(data, port, sandboxPort) {
    Object.assign(this, { data, port, sandboxPort });
  }

  get logFile() {
    return join(this.data, 'e2e.log');
  }

  log() {
    return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8') : '';
  }

  /** On the same data and the same ports as before. */
  async start() {
    const began = performance.now();
    const before = this.log().length;
    const out = openSync(this.logFile, 'a');
    const args = ['demo', '--data', this.data, '--listen', `127.0.0.1:${this.port}`, '--sandbox-listen', `127.0.0.1:${this.sandboxPort}`];
    this.child = spawn(binary, args, { cwd: this.data, stdio: ['ignore', out, out], env: { ...process.env, NO_COLOR: '1' } });
    closeSync(out);
    let ended = null;
    this.child.once('exit', (code, signal) => (ended = `it ended with ${signal ?? code}`));
    this.link = await until('the demo says where to sign in', () => {
      const said = this.log().slice(before);
      if (ended) throw new Error(`the demo did not start, ${ended}:\n${said.slice(-3000)}`);
      return /https?:\/\/[^\s]+\/sign-in\?[^\s]*link=[\w.~-]+/.exec(said)?.[0];
    }, START_WITHIN).catch((error) => { throw new Error(`${error.message}\n${this.log().slice(-3000)}`); });
    await until('the server is ready', async () => (await fetch(`http://127.0.0.1:${this.port}/readyz`).catch(() => null))?.ok, START_WITHIN);
    this.info = JSON.parse(await readFile(join(this.data, 'demo.json'), 'utf8'));
    this.url = this.info.url.replace(/\/$/, '');
    this.sandboxUrl = this.info.sandbox_url.replace(/\/$/, '');
    this.starts += 1;
    return performance.now() - began;
  }

  /** kill -9, the server and the sandbox with the process that watches over them. */
  async kill9() {
    const all = this.killNow();
    await until('all processes are gone', () => !all.some(alive));
    return all.length;
  }

  killNow() {
    if (!this.child?.pid || !alive(this.child.pid)) return [];
    const all = family(this.child.pid);
    for (const pid of all) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone already.
      }
    }
    return all;
  }

  async stop() {
    const { child } = this;
    if (child?.pid && alive(child.pid)) {
      const all = family(child.pid);
      child.kill('SIGTERM');
      await until('the demo ends', () => !all.some(alive), 10_000).catch(() => this.killNow());
    }
    if (!process.env.KESHER_E2E_KEEP) await rm(this.data, { recursive: true, force: true });
  }

  /** The sandbox's controls: setting a scene, never the story itself. */
  async sandbox(path, body, method = body === undefined ? 'GET' : 'POST') {
    const answer = await fetch(`${this.sandboxUrl}${path}`, { method, ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? null : answer.json();
  }

  /** The API, with the demo's key. */
  async api(path, body, method = body === undefined ? 'GET' : 'POST') {
    const headers = { Authorization: `Bearer ${this.info.api_key}`, 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() };
    const answer = await fetch(`${this.url}/api/v1${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? null : answer.json();
  }
}
