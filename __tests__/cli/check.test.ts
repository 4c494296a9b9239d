import { run } from '../../cli/check';
import { UsageError } from '../../cli/usage-error';
import { check } from '../../envoy/check/check';
import type { Problem } from '../../envoy/check/problem';

jest.mock('../../envoy/check/check');
const checkMock = jest.mocked(check);

/** The tool with these files and with what the check finds. */
function outcome(line: string, files: Record<string, string | Uint8Array> = {}, problems: Problem[] = []) {
  checkMock.mockReset().mockReturnValue(problems);
  const read = async (name: string) => {
    const content = files[name];
    if (content === undefined) {
      throw new UsageError(`${name} can't be read: there is no such file`);
    }
    return Buffer.from(content);
  };
  const findFilesBelow = async (path: string) => {
    const below = Object.keys(files).filter((name) => name.startsWith(`${path}/`));
    return below.length > 0 ? below : undefined;
  };
  return run(line.split(' ').filter(Boolean), { version: '1.2.3', read, findFilesBelow });
}

const TEXT = `static_resources:
  clusters:
    - name: api
      connect_timeout: 1.5
      bogus: 1
`;

const ERROR: Problem = {
  severity: 'error',
  path: ['static_resources', 'clusters', 0, 'bogus'],
  rule: 'unknown-field',
  message: 'is no field of Cluster',
};
const WARNING: Problem = {
  severity: 'warning',
  path: ['admin', 'address'],
  rule: 'deprecated',
  message: 'is deprecated',
};

test('a file without a problem', async () => {
  expect(await outcome('check a.yaml', { 'a.yaml': TEXT })).toEqual({
    status: 0,
    stdout: 'no problem found for Envoy 1.39\n',
    stderr: '',
  });
  expect(checkMock.mock.calls).toEqual([
    [{ static_resources: { clusters: [{ name: 'api', connect_timeout: '1.5', bogus: 1 }] } }, { version: '1.39' }],
  ]);
});

test('errors and warnings stand in a line each, with the place of what has them or lacks something', async () => {
  expect(await outcome('check a.yaml --envoy 1.38', { 'a.yaml': TEXT }, [ERROR, ERROR, WARNING])).toEqual({
    status: 1,
    stdout: `a.yaml:5:7 error static_resources.clusters[0].bogus is no field of Cluster (unknown-field)
a.yaml:5:7 error static_resources.clusters[0].bogus is no field of Cluster (unknown-field)
a.yaml:1:1 warning admin.address is deprecated (deprecated)
2 errors, 1 warning; Envoy 1.38 would refuse it
`,
    stderr: '',
  });
});

test('warnings alone are no failure', async () => {
  expect(await outcome('check a.yaml', { 'a.yaml': TEXT }, [WARNING, WARNING])).toEqual({
    status: 0,
    stdout: `a.yaml:1:1 warning admin.address is deprecated (deprecated)
a.yaml:1:1 warning admin.address is deprecated (deprecated)
2 warnings; Envoy 1.39 would take it
`,
    stderr: '',
  });
});

test('--json has the same for programs', async () => {
  const { status, stdout, stderr } = await outcome('check --json a.yaml', { 'a.yaml': TEXT }, [ERROR, WARNING]);
  expect({ status, stderr, ...JSON.parse(stdout) }).toEqual({
    status: 1,
    stderr: '',
    file: 'a.yaml',
    envoy: '1.39',
    problems: [
      {
        severity: 'error',
        line: 5,
        column: 7,
        path: 'static_resources.clusters[0].bogus',
        rule: 'unknown-field',
        message: 'is no field of Cluster',
      },
      { severity: 'warning', line: 1, column: 1, path: 'admin.address', rule: 'deprecated', message: 'is deprecated' },
    ],
    errors: 1,
    warnings: 1,
  });
});

test('does not check a text that Envoy can not read', async () => {
  expect(await outcome('check a.yaml', { 'a.yaml': 'a: [\n' }, [ERROR])).toEqual({
    status: 2,
    stdout: expect.stringMatching(/^a\.yaml:2:1 error is not YAML: .* \(yaml\)\n1 error; it can't be checked\n$/),
    stderr: '',
  });
  expect(checkMock).not.toHaveBeenCalled();
});

test('reports a duplicate key as an error and goes on with the last value', async () => {
  const twice =
    'a.yaml:2:1 error the key "a" is here a second time: Envoy takes this value and forgets the one before; keep one (duplicate-key)';
  const text = 'a: 1\na: 2\n';
  expect(await outcome('check a.yaml', { 'a.yaml': text }, [{ ...ERROR, path: ['a'] }])).toEqual({
    status: 1,
    stdout: `a.yaml:2:1 error a is no field of Cluster (unknown-field)\n${twice}\n2 errors; Envoy 1.39 would refuse it\n`,
    stderr: '',
  });
  expect(checkMock.mock.calls).toEqual([[{ a: 2 }, { version: '1.39' }]]);
  expect(await outcome('check a.yaml', { 'a.yaml': text })).toEqual({
    status: 1,
    stdout: `${twice}\n1 error; Envoy 1.39 would take it\n`,
    stderr: '',
  });
});

describe('several files', () => {
  const GOOD = 'node: {}\n';
  const good = 'no problem found for Envoy 1.39';

  test('are reported one after the other, with a summary of each', async () => {
    expect(await outcome('check a.yaml b.yaml', { 'a.yaml': GOOD, 'b.yaml': GOOD })).toEqual({
      status: 0,
      stdout: `a.yaml: ${good}\nb.yaml: ${good}\n`,
      stderr: '',
    });
  });

  test('exit with the status of the worst file, and report the others', async () => {
    expect(await outcome('check a.yaml b.yaml', { 'a.yaml': TEXT, 'b.yaml': GOOD }, [ERROR])).toMatchObject({
      status: 1,
    });
    expect(await outcome('check a.yaml no.yaml', { 'a.yaml': GOOD })).toEqual({
      status: 2,
      stdout: `${good}\n`,
      stderr: "cdktf-envoy-sidecar: no.yaml can't be read: there is no such file\n",
    });
    expect(await outcome('check a.yaml b.yaml', { 'a.yaml': GOOD, 'b.yaml': 'a: [\n' })).toMatchObject({ status: 2 });
  });

  test('of a folder are those with static_resources or dynamic_resources', async () => {
    const files = {
      'd/a.yaml': TEXT,
      'd/b.json': '{"dynamic_resources": {}}',
      'd/c.yaml': 'staticResources: {}\n',
      'd/service.yaml': 'kind: Service\n',
    };
    expect(await outcome('check d', files)).toEqual({
      status: 0,
      stdout: `d/a.yaml: ${good}\nd/b.json: ${good}\nd/c.yaml: ${good}\n`,
      stderr: '',
    });
    const unreadable = { ...files, 'd/b.yaml': Buffer.from([0x61, 0xff]) };
    expect(await outcome('check d', unreadable)).toEqual({
      status: 2,
      stdout: `d/a.yaml: ${good}\nd/b.json: ${good}\nd/c.yaml: ${good}\n`,
      stderr: 'cdktf-envoy-sidecar: d/b.yaml:1:2 is not text in UTF-8; save it as UTF-8\n',
    });
    expect(await outcome('check d', { 'd/service.yaml': 'kind: Service\n' })).toEqual({
      status: 2,
      stdout: '',
      stderr: 'cdktf-envoy-sidecar: d has no file with static_resources or dynamic_resources in it\n',
    });
  });

  test('are a list as JSON', async () => {
    const { stdout } = await outcome('check --format json a.yaml b.yaml', { 'a.yaml': GOOD, 'b.yaml': GOOD });
    expect(JSON.parse(stdout)).toMatchObject([{ file: 'a.yaml' }, { file: 'b.yaml' }]);
  });
});

test('--format github has a workflow command for each problem', async () => {
  const files = { 'a,b.yaml': TEXT };
  const { status, stdout } = await outcome('check a,b.yaml --format github', files, [
    { ...ERROR, message: 'is 100%\nwrong' },
    WARNING,
  ]);
  expect({ status, stdout }).toEqual({
    status: 1,
    stdout: `::error file=a%2Cb.yaml,line=5,col=7,title=unknown-field::static_resources.clusters[0].bogus is 100%25%0Awrong
::warning file=a%2Cb.yaml,line=1,col=1,title=deprecated::admin.address is deprecated
`,
  });
});

test('--format sarif has a result for each problem', async () => {
  const { status, stdout } = await outcome('check d/a_b.yaml --format sarif', { 'd/a_b.yaml': TEXT }, [ERROR, WARNING]);
  const { version, runs } = JSON.parse(stdout);
  expect({ status, version }).toEqual({ status: 1, version: '2.1.0' });
  expect(runs).toHaveLength(1);
  expect(runs[0].tool.driver).toMatchObject({
    name: 'cdktf-envoy-sidecar',
    version: '1.2.3',
    rules: [{ id: 'unknown-field' }, { id: 'deprecated' }],
  });
  expect(runs[0].results[0]).toEqual({
    ruleId: 'unknown-field',
    level: 'error',
    message: { text: 'static_resources.clusters[0].bogus is no field of Cluster' },
    locations: [
      { physicalLocation: { artifactLocation: { uri: 'd/a_b.yaml' }, region: { startLine: 5, startColumn: 7 } } },
    ],
  });
  expect(runs[0].results[1]).toMatchObject({ ruleId: 'deprecated', level: 'warning' });
});

test('a second document is a warning beside those of the check', async () => {
  const { status, stdout } = await outcome('check a.yaml', { 'a.yaml': `${TEXT}---\nb: 1\n` }, [ERROR]);
  expect({ status, stdout }).toEqual({
    status: 1,
    stdout: `a.yaml:5:7 error static_resources.clusters[0].bogus is no field of Cluster (unknown-field)
a.yaml:7:1 warning Envoy reads only the first document, and nothing from here on (document)
1 error, 1 warning; Envoy 1.39 would refuse it
`,
  });
});

test('a fraction without quotes is text to Envoy, and no reason for a warning', async () => {
  const path = ['static_resources', 'clusters', 0, 'connect_timeout'];
  const lenient: Problem = { severity: 'warning', path, rule: 'lenient.string', message: 'should be a number' };
  expect((await outcome('check a.yaml', { 'a.yaml': TEXT }, [lenient])).stdout).toBe(
    'no problem found for Envoy 1.39\n',
  );
  const quoted = TEXT.replace('1.5', '"1.5"');
  expect((await outcome('check a.yaml', { 'a.yaml': quoted }, [lenient])).stdout).toBe(
    `a.yaml:4:7 warning static_resources.clusters[0].connect_timeout should be a number (lenient.string)
1 warning; Envoy 1.39 would take it
`,
  );
});

test('what would move the cursor of a terminal is written as an escape', async () => {
  const message = 'got "\u001b[2J\u202e\n"';
  expect((await outcome('check a.yaml', { 'a.yaml': TEXT }, [{ ...ERROR, message }])).stdout).toContain(
    'got "\\u001b[2J\\u202e\\u000a" (unknown-field)\n',
  );
});

test('a file whose name ends in .json is JSON', async () => {
  expect((await outcome('check a.json', { 'a.json': '{"a": 1.5}' })).status).toBe(0);
  expect(checkMock.mock.calls).toEqual([[{ a: 1.5 }, { version: '1.39' }]]);
  expect((await outcome('check a.json', { 'a.json': 'a: 1' })).stdout).toBe(
    `a.json:1:1 error is not JSON, which a file that ends in .json must be (json)
1 error; it can't be checked
`,
  );
});

test.each(['1.40', 'v1.40', '1.40.7', 'v1.40.7'])('--envoy %s is Envoy 1.40', async (version) => {
  const { stdout } = await outcome(`check a.yaml --envoy ${version}`, { 'a.yaml': TEXT });
  expect(stdout).toBe('no problem found for Envoy 1.40\n');
});

test('UTF-16 with the mark of its byte order is read, as by Envoy', async () => {
  const little = Buffer.from('\ufeffa: é\n', 'utf16le');
  for (const bytes of [little, Buffer.from(little).swap16()]) {
    expect((await outcome('check a.yaml', { 'a.yaml': bytes })).status).toBe(0);
    expect(checkMock.mock.calls).toEqual([[{ a: 'é' }, { version: '1.39' }]]);
  }
});

const USAGE = 'write: cdktf-envoy-sidecar check PATH... [--envoy VERSION] [--format FORMAT]';

test.each([
  ['', `no command given; ${USAGE}`],
  ['validate a.yaml', `unknown command "validate"; ${USAGE}`],
  ['check', `no file given; ${USAGE}`],
  ['check a --format xml', '--format must be one of text, json, github, sarif, got "xml"'],
  ['check a --verbose', `unknown option '--verbose'; ${USAGE}`],
  ['check a --envoy', `option '--envoy <value>' argument missing; ${USAGE}`],
  ['check a --json=1', `option '--json' does not take an argument; ${USAGE}`],
  ['check a --envoy 1.12', '--envoy must be one of 1.37, 1.38, 1.39, 1.40, got "1.12"'],
  ['check a --envoy latest', '--envoy must be one of 1.37, 1.38, 1.39, 1.40, got "latest"'],
])('%j can not be done: %s', async (line, message) => {
  expect(await outcome(line)).toEqual({ status: 2, stdout: '', stderr: `cdktf-envoy-sidecar: ${message}\n` });
});

test.each([
  ['é: \xff', Buffer.from([0xc3, 0xa9, 0x3a, 0x0a, 0x20, 0xff]), '2:2'],
  ['half a character at the end', Buffer.from([0x61, 0xc3]), '1:2'],
  ['a real U+FFFD before', Buffer.from([0xef, 0xbf, 0xbd, 0x61, 0xff]), '1:3'],
  ['half a surrogate', Buffer.from([0x61, 0xed, 0xa0, 0x80]), '1:2'],
])('bytes that are no UTF-8 are told with their place: %s', async (_, bytes, place) => {
  expect(await outcome('check a.yaml', { 'a.yaml': bytes })).toEqual({
    status: 2,
    stdout: '',
    stderr: `cdktf-envoy-sidecar: a.yaml:${place} is not text in UTF-8; save it as UTF-8\n`,
  });
});

test('--version', async () => {
  expect(await outcome('--version')).toEqual({ status: 0, stdout: '1.2.3\n', stderr: '' });
});

test.each(['--help', '-h', 'check --help'])('%s', async (line) => {
  expect(await outcome(line)).toEqual({
    status: 0,
    stdout: `Says what Envoy would refuse in a configuration, without Envoy.

Usage: cdktf-envoy-sidecar check PATH... [--envoy VERSION] [--format FORMAT]

  PATH             Envoy's Bootstrap as YAML, or as JSON if the name ends in .json; - for the standard input; of a
                   folder, all .yaml, .yml and .json files below it that have static_resources or dynamic_resources
  --envoy VERSION  the Envoy that will read it: 1.37, 1.38, 1.39, 1.40 (default: 1.39)
  --format FORMAT  text, json, github (annotations of a workflow) or sarif (default: text)
  --json           the same as --format json
  --help           this text
  --version        the version of this tool

Exit status: 0 no error, 1 errors were found, 2 a file can't be checked.
`,
    stderr: '',
  });
});
