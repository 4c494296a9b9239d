import { ApiService, type ApiServiceProps, DockerNetwork } from '../../../lib';
import { synth } from '../../helpers';

const base: ApiServiceProps = { image: 'api:1', port: 8080, network: DockerNetwork.fromName('shared') };
const made = (props: object) => () => synth((stack) => new ApiService(stack, 'api', { ...base, ...props }));

const port = 'port must be a whole number from 1 to 65535';
const name = 'must be 2 to 63 letters, digits, `_`, `.` or `-`, and begin with a letter or digit';
const literal = 'write it as a literal number in that range';
const unit = 'must be a number with a unit (ms, s, m or h)';
const path = "must start with '/' and hold no space, no '#' and ASCII alone";
const words = "must be 'CMD' and a command, or 'CMD-SHELL' and one line for the shell";
const curl = "write for example ['CMD', 'curl', '--fail', 'http://127.0.0.1:8080/health']";
const duration = "write for example '250ms' or '15s'";

test.each<[object, string]>([
  [{ image: '' }, `image must name an image, got ""; write for example 'my-api:1.0'`],
  [{ port: 0 }, `${port}, got 0; ${literal}`],
  [{ port: 65_536 }, `${port}, got 65536; ${literal}`],
  [{ port: 80.5 }, `${port}, got 80.5; ${literal}`],
  [{ port: '8080' }, 'port must be a number, got "8080"; write 8080 without quotes'],
  [{ name: '' }, `name ${name}, got ""; write for example 'my-api'`],
  [{ name: 'a' }, `name ${name}, got "a"; write for example 'my-api'`],
  [{ name: 'my api' }, `name ${name}, got "my api"; write for example 'my-api'`],
  [{ volumes: { '/data': 'my data' } }, `volumes ${name}, got "my data"; write for example 'my-api'`],
  [{ healthPath: 'health' }, `healthPath ${path}, got "health"; write for example '/health'`],
  [{ healthPath: '' }, `healthPath ${path}, got ""; write for example '/health'`],
  [{ healthPath: '/a b' }, `healthPath ${path}, got "/a b"; write for example '/health'`],
  [{ readyTimeout: '60' }, `readyTimeout ${unit}, got "60"; ${duration}`],
  [{ readyTimeout: '60', healthPath: '/health' }, `readyTimeout ${unit}, got "60"; ${duration}`],
  [{ readyTimeout: '0s' }, `readyTimeout must be longer than zero, got "0s"; write for example '60s'`],
  [{ healthcheck: [] }, `healthcheck ${words}, got []; ${curl}`],
  [{ healthcheck: ['CMD'] }, `healthcheck ${words}, got ["CMD"]; ${curl}`],
  [{ healthcheck: ['NONE'] }, `healthcheck ${words}, got ["NONE"]; ${curl}`],
  [{ healthcheck: ['true', '--now'] }, `healthcheck ${words}, got ["true","--now"]; ${curl}`],
  [{ stopGracePeriod: 30 }, `stopGracePeriod ${unit}, got 30; ${duration}`],
  [{ replicas: 0 }, `replicas must be a whole number from 1 to 100, got 0; ${literal}`],
  [{ replicas: 101 }, `replicas must be a whole number from 1 to 100, got 101; ${literal}`],
  [
    { memory: '256MB' },
    `memory must be a number above zero with a unit (KiB, MiB or GiB), got "256MB"; write for example '256MiB'`,
  ],
  [{ memory: '5MiB' }, `memory must be whole MiB, and 6MiB at least, got "5MiB"; write for example '256MiB'`],
  [{ cpus: 0 }, 'cpus must be a number of cores above zero, got 0; write for example 0.5'],
  [{ rollout: 'blue-green' }, `rollout must be one of 'rolling', 'recreate', got "blue-green"; choose one of these`],
  [
    { restart: 'never' },
    `restart must be one of 'no', 'on-failure', 'always', 'unless-stopped', got "never"; choose one of these`,
  ],
  [
    { files: { '/app/api.py': { source: 'no/such.py' } } },
    `files["/app/api.py"].source can't be read (ENOENT), got "no/such.py"; name a file, from the folder ${JSON.stringify(process.cwd())} on`,
  ],
  [
    { files: { 'api.py': { content: '' } } },
    `files["api.py"] must be the absolute path of a file inside the container, got "api.py"; write for example '/app/api.py'`,
  ],
  [{ ports: [8080] }, 'ports is not an option, got ["number"]; remove it'],
  [{ enviroment: { A: '1' } }, 'enviroment is not an option, got ["A"]; remove it'],
])('refuses %j', (props, message) => {
  expect(made(props)).toThrow(new Error(`calc/api: ${message}`));
});

test.each([
  ['', 'an empty name'],
  ['A=B', 'a name with an equals sign'],
])('refuses the environment variable %j: %s', (variable) => {
  expect(made({ env: { [variable]: '1' } })).toThrow(/^calc\/api: env/);
});

test('refuses a path of a volume that is not one', () => {
  expect(made({ volumes: { data: 'models' } })).toThrow(/^calc\/api: volumes\["data"\]/);
});
