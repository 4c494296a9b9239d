import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiHealthTest } from '../../lib/api-health';

let image: string;
let devices: string;
let server: Server;
let asked: string[];
let answers: number[];

beforeEach(async () => {
  image = mkdtempSync(join(tmpdir(), 'image-'));
  devices = mkdtempSync(join(tmpdir(), 'devices-'));
  device('lo', '0x9');
  device('eth0', '0x1003');
  asked = [];
  answers = [];
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(answers.shift() ?? 200).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  has('cat');
  stub('sleep');
});

afterEach(async () => {
  rmSync(image, { recursive: true });
  rmSync(devices, { recursive: true });
  await new Promise((done) => server.close(done));
});

const port = () => (server.address() as AddressInfo).port;
const log = () => join(image, 'log');
const logged = () => readFileSync(log(), 'utf8').trim().split('\n');

/** Puts a network device into the namespace. */
function device(name: string, flags: string) {
  mkdirSync(join(devices, name), { recursive: true });
  writeFileSync(join(devices, name, 'flags'), `${flags}\n`);
}

/** Puts a program of this machine into the image. */
function has(program: string, path = execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim()) {
  symlinkSync(path, join(image, program));
}

/** Puts a program into the image that writes down how it was called. */
function stub(program: string, body = '') {
  writeFileSync(join(image, program), `#!/bin/sh\necho "${program} $*" >> ${log()}\n${body}\n`, { mode: 0o755 });
}

/** Runs the check as Docker does, in this image and namespace; `kill` only tells what it would do. */
async function check(path = '/health'): Promise<{ code: number | null; output: string }> {
  const [, test = ''] = apiHealthTest(port(), path);
  const script = test.replaceAll('/sys/class/net', devices);
  const child = spawn('/bin/sh', ['-c', `kill() { echo "kill $*"; }\n${script}`], {
    env: { PATH: image },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  child.stderr.on('data', (text) => {
    output += text;
  });
  return new Promise((done) => child.on('close', (code) => done({ code, output })));
}

describe.each([
  ['bash', ['bash', 'timeout']],
  ['node', ['node']],
])('with nothing but %s', (_, programs) => {
  beforeEach(() => {
    for (const program of programs) {
      has(program);
    }
  });

  test('is content when the API answered 200 twice within three seconds', async () => {
    expect(await check()).toEqual({ code: 0, output: '' });
    expect(asked).toEqual(['/health', '/health']);
    expect(logged()).toContain('sleep 3');
  });

  test('is not content when the first answer is another, and does not ask again', async () => {
    answers = [503];
    expect((await check()).code).not.toBe(0);
    expect(asked).toEqual(['/health']);
  });

  test('is not content when the second answer is another', async () => {
    answers = [200, 404];
    expect((await check()).code).not.toBe(0);
  });

  test.each(['/health?deep=1&slow=0', "/a%20b;o'clock$HOME`x`"])('asks for %s', async (path) => {
    expect((await check(path)).code).toBe(0);
    expect(asked).toEqual([path, path]);
  });
});

describe.each([
  ['curl', (url: string) => `curl --fail --silent --max-time 5 --output /dev/null ${url}`],
  ['wget', (url: string) => `wget -q -T 5 -O /dev/null ${url}`],
  ['python3', (url: string) => `python3 -c import sys, urllib.request as r; r.urlopen(sys.argv[1], timeout=5) ${url}`],
])('with %s', (program, call) => {
  test('asks twice, three seconds apart', async () => {
    stub(program);
    expect((await check()).code).toBe(0);
    const asks = call(`http://127.0.0.1:${port()}/health`);
    expect(logged()).toEqual([asks, 'sleep 3', asks]);
  });

  test('asks once when the answer is bad', async () => {
    stub(program, 'exit 22');
    expect((await check()).code).not.toBe(0);
    expect(logged()).toHaveLength(1);
  });

  test('asks for a path with a query', async () => {
    stub(program);
    await check('/health?deep=1&slow=0');
    expect(logged()[0]).toBe(call(`http://127.0.0.1:${port()}/health?deep=1&slow=0`));
  });
});

test('curl goes before wget, wget before bash', async () => {
  const asker = async () => {
    await check();
    return logged().at(-1)?.split(' ')[0];
  };
  stub('bash');
  stub('wget');
  expect(await asker()).toBe('wget');
  stub('curl');
  expect(await asker()).toBe('curl');
});

test('an image without any of them is told so, where docker inspect shows it', async () => {
  const { code, output } = await check();
  expect(code).not.toBe(0);
  expect(output).toBe('the image has no curl, wget, bash, python3 or node: give healthTest\n');
});

describe('an API in a namespace', () => {
  beforeEach(() => stub('curl'));

  test('with nothing but loopback, as its holder left it, is ended', async () => {
    rmSync(join(devices, 'eth0'), { recursive: true });
    expect((await check()).output).toBe('kill 1\n');
  });

  test('whose other devices are down is ended', async () => {
    device('eth0', '0x1002');
    device('tunl0', '0x80');
    expect((await check()).output).toBe('kill 1\n');
  });

  test('of a network is left alone', async () => {
    device('tunl0', '0x80');
    expect((await check()).output).toBe('');
  });
});
