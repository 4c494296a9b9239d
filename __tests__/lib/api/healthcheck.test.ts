import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHealthcheck } from '../../../lib/api/healthcheck';

let image: string;
let routes: string;
let server: Server;
let asked: string[];
let answers: number[];

beforeEach(async () => {
  image = mkdtempSync(join(tmpdir(), 'image-'));
  routes = mkdtempSync(join(tmpdir(), 'routes-'));
  routesOfIpv4('eth0');
  routesOfIpv6('lo');
  asked = [];
  answers = [];
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(answers.shift() ?? 200).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  has('grep');
  stub('sleep');
});

afterEach(async () => {
  rmSync(image, { recursive: true });
  rmSync(routes, { recursive: true });
  await new Promise((done) => server.close(done));
});

const port = () => (server.address() as AddressInfo).port;
const log = () => join(image, 'log');
const logged = () => readFileSync(log(), 'utf8').trim().split('\n');

/** The routes of the namespace, as Linux tells them. */
const routesOfIpv4 = (...devices: string[]) =>
  writeFileSync(
    join(routes, 'route'),
    ['Iface\tDestination', ...devices.map((it) => `${it}\t00000000`), ''].join('\n'),
  );
const routesOfIpv6 = (...devices: string[]) =>
  writeFileSync(join(routes, 'ipv6_route'), devices.map((it) => `${'0'.repeat(32)} 80 ${it.padStart(8)}\n`).join(''));

/** Puts a program of this machine into the image. */
function has(program: string) {
  const path = execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();
  symlinkSync(path, join(image, program));
}

/** Puts a program into the image that writes down how it was called. */
function stub(program: string, body = '') {
  writeFileSync(join(image, program), `#!/bin/sh\necho "${program} $*" >> ${log()}\n${body}\n`, { mode: 0o755 });
}

/** Runs the check as Docker does, in this image and namespace; `kill` only tells what it would do. */
async function check(path = '/health'): Promise<{ code: number | null; output: string }> {
  const [, test = ''] = createHealthcheck(port(), path);
  const script = test.replaceAll('/proc/net/', `${routes}/`);
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

  test.each(['/health?deep=1&slow=0', "/a%20b;o'clock$HOME$(x)"])('asks for %s', async (path) => {
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
  expect(output).toBe('the image has no curl, wget, bash, python3 or node: give healthcheck\n');
});

describe('an API in a namespace', () => {
  beforeEach(() => stub('curl'));

  test('with nothing but loopback, as its pod holder left it, is ended', async () => {
    routesOfIpv4();
    expect((await check()).output).toBe('kill 1\n');
  });

  test('with nothing but loopback is ended where Linux knows no IPv6, too', async () => {
    routesOfIpv4();
    rmSync(join(routes, 'ipv6_route'));
    expect((await check()).output).toBe('kill 1\n');
  });

  test('of an IPv4 network is left alone', async () => {
    expect((await check()).output).toBe('');
  });

  test('of an IPv6 network alone is left alone', async () => {
    routesOfIpv4();
    routesOfIpv6('lo', 'eth0');
    expect((await check()).output).toBe('');
  });
});
