// Makes src/phone/handset/voice.ogg: three seconds of a hummed melody, Opus in Ogg, as WhatsApp's voice messages are.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';

// WebCodecs wants a secure context, and loopback is one.
const server = createServer((_, out) => out.end('<!doctype html>')).listen(0, '127.0.0.1');
await new Promise((done) => server.once('listening', done));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const page = await browser.newPage();
await page.goto(`http://127.0.0.1:${server.address().port}/`);
const packets = await page.evaluate(async () => {
  const rate = 48_000, length = rate * 3, made = [];
  const encoder = new AudioEncoder({ output: (chunk) => { const data = new Uint8Array(chunk.byteLength); chunk.copyTo(data); made.push([...data]); }, error: console.error });
  encoder.configure({ codec: 'opus', sampleRate: rate, numberOfChannels: 1, bitrate: 20_000, opus: { frameDuration: 20_000 } });
  const notes = [262, 294, 330, 262, 330, 392, 349, 330, 294, 262];
  const samples = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    const at = i / rate, note = notes[Math.floor(at / 0.3) % notes.length], into = at % 0.3;
    const envelope = Math.min(1, into / 0.03) * Math.min(1, (0.3 - into) / 0.06);
    const wave = Math.sin(2 * Math.PI * note * at) + 0.4 * Math.sin(4 * Math.PI * note * at) + 0.15 * Math.sin(6 * Math.PI * note * at);
    samples[i] = 0.2 * envelope * wave;
  }
  encoder.encode(new AudioData({ format: 'f32', sampleRate: rate, numberOfFrames: length, numberOfChannels: 1, timestamp: 0, data: samples }));
  await encoder.flush();
  return made;
});
await browser.close();
server.close();

const table = Array.from({ length: 256 }, (_, n) => {
  let r = n << 24;
  for (let i = 0; i < 8; i++) r = r & 0x80000000 ? (r << 1) ^ 0x04c11db7 : r << 1;
  return r >>> 0;
});
const crc = (bytes) => bytes.reduce((sum, byte) => ((sum << 8) ^ table[((sum >>> 24) ^ byte) & 255]) >>> 0, 0);
let sequence = 0;
function pageOf(bodies, granule, flags) {
  const lacing = bodies.flatMap((body) => [...Array(Math.floor(body.length / 255)).fill(255), body.length % 255]);
  const head = Buffer.alloc(27);
  head.write('OggS');
  head[5] = flags;
  head.writeBigUInt64LE(BigInt(granule), 6);
  head.writeUInt32LE(0x4b657368, 14);
  head.writeUInt32LE(sequence++, 18);
  head[26] = lacing.length;
  const whole = Buffer.concat([head, Buffer.from(lacing), ...bodies.map((body) => Buffer.from(body))]);
  whole.writeUInt32LE(crc(whole), 22);
  return whole;
}
const opusHead = Buffer.from([...Buffer.from('OpusHead'), 1, 1, 0x38, 0x01, 0x80, 0xbb, 0, 0, 0, 0, 0]);
const tags = Buffer.concat([Buffer.from('OpusTags'), Buffer.from([6, 0, 0, 0]), Buffer.from('Kesher'), Buffer.alloc(4)]);
const pages = [pageOf([opusHead], 0, 2), pageOf([tags], 0, 0)];
for (let i = 0; i < packets.length; i += 50) {
  const part = packets.slice(i, i + 50);
  pages.push(pageOf(part, (i + part.length) * 960, i + 50 >= packets.length ? 4 : 0));
}
const file = Buffer.concat(pages);
writeFileSync(new URL('../src/phone/handset/voice.ogg', import.meta.url), file);
console.log(`voice.ogg: ${packets.length} packets, ${file.length} bytes`);
