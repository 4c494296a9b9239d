import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiHealthTest } from '../../lib/api-health';

let image: string;
let server: Server;
let asked: string[];
let answers: number[];

beforeEach(async () => {
  image = mkdtempSync(join(tmpdir(), 'image-'));
  asked = [];
  answers = [];
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(answers.shift() ?? 200).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  has('grep');
  stub('tail', 'echo "  eth0: 0 0"');
  stub('sleep');
});

afterEach(async () => {
  rmSync(image, { recursive: true });
  await new Promise((done) => server.close(done));
});

const port = () => (server.address() as AddressInfo).port;
const log = () => join(image, 'log');
const logged = () => readFileSync(log(), 'utf8').trim().split('\n');

/** Puts a program of this machine into the image. */
function has(program: string, path = execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim()) {
  symlinkSync(path, join(image, program));
}

/** Puts a program into the image that writes down how it was called. */
function stub(program: string, body = '') {
  writeFileSync(join(image, program), `#!/bin/sh\necho "${program} $*" >> ${log()}\n${body}\n`, { mode: 0o755 });
}

/** Runs the check as Docker does, with nothing but the image's programs; `kill` only tells what it would do. */
async function check(path = '/health'): Promise<{ code: number; output: string }> {
  const [, script = ''] = apiHealthTest(port(), path);
  return new Promise((done) => {
    execFile('/bin/sh', ['-c', `kill() { echo "kill $*"; }\n${script}`], { env: { PATH: image } }, (error, out, err) =>
      done({ code: error ? Number(error.code) : 0, output: out + err }),
    );
  });
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

  test.each(['/health?deep=1&slow=0', '/a%20b', "/o'clock", '/$HOME', '/a;b', '/`x`'])('asks for %s', async (path) => {
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
    expect(logged().slice(1)).toEqual([asks, 'sleep 3', asks]);
  });

  test('asks once when the answer is bad', async () => {
    stub(program, 'exit 22');
    expect((await check()).code).not.toBe(0);
    expect(logged().slice(1)).toHaveLength(1);
  });

  test('asks for a path with a query', async () => {
    stub(program);
    await check('/health?deep=1&slow=0');
    expect(logged()[1]).toBe(call(`http://127.0.0.1:${port()}/health?deep=1&slow=0`));
  });
});

test('curl goes before wget, wget before bash', async () => {
  stub('wget');
  stub('bash');
  await check();
  expect(logged()[1]).toMatch(/^wget /);
  stub('curl');
  await check();
  expect(logged()[4]).toMatch(/^tail /);
  expect(logged()[5]).toMatch(/^curl /);
});

test('an image without any of them is told so, where docker inspect shows it', async () => {
  const { code, output } = await check();
  expect(code).not.toBe(0);
  expect(output).toBe('the image has no curl, wget, bash, python3 or node: give healthTest\n');
});

test('an API that was left in a dead namespace, with nothing but loopback, is ended', async () => {
  stub('curl');
  stub('tail', 'echo "    lo: 0 0"');
  expect((await check()).output).toBe('kill 1\n');
});

test('an API in a network is left alone', async () => {
  stub('curl');
  stub('tail', 'printf "    lo: 0 0\\n  eth0: 0 0\\n"');
  expect((await check()).output).toBe('');
});
