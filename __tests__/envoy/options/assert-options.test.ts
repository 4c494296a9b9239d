import { assemble } from '../../../envoy';
import { assertOptions } from '../../../envoy/options/assert-options';
import type { OptionShape } from '../../../envoy/options/option-shape';

const upstream = { host: 'api', port: 8080 };
const SECRET = 'not-a-real-secret';

/** What is refused, in whatever place a secret may be put by mistake. */
test.each<{ name: string; options: object }>([
  { name: 'a key in place of the keys', options: { apiKeys: { keys: SECRET } } },
  { name: 'a list of keys', options: { apiKeys: { keys: [SECRET] } } },
  { name: 'a key with more than its text', options: { apiKeys: { keys: { partner: { key: SECRET } } } } },
  { name: 'a misspelt name of the keys', options: { apiKeys: { kyes: { partner: SECRET } } } },
  { name: 'a key in place of all options', options: { apiKeys: SECRET } },
  { name: 'a misspelt feature', options: { apikeys: { keys: { partner: SECRET } } } },
  { name: 'a misspelt feature that is a text', options: { apiKey: SECRET } },
  { name: 'a password with another name of its hash', options: { basicAuth: { users: { anna: { sha: SECRET } } } } },
  {
    name: 'a private key as a list',
    options: { tls: { certificates: [{ certificateChain: 'c', privateKey: [SECRET] }] } },
  },
  { name: 'a private key in place of the certificates', options: { tls: { certificates: SECRET } } },
  { name: 'a private key in place of tls', options: { tls: SECRET } },
  {
    name: "a private key in an upstream's certificate",
    options: { upstreamTls: { certificate: { privateKey: { pem: SECRET } } } },
  },
])('no message shows $name', ({ options }) => {
  const made = () => assemble({ upstream, ...options } as never);
  expect(made).toThrow(/, got /);
  expect(made).not.toThrow(SECRET);
});

describe('an object that may have one of several shapes', () => {
  const shape: OptionShape = {
    ca: {
      types: [
        { fields: { file: { types: ['string'], required: true } } },
        { fields: { pem: { types: ['string'], required: true }, name: { types: ['string'] } } },
      ],
    },
  };
  const given = (ca: object) => () => assertOptions(shape, { ca }, {});

  test('is taken for the one that has the most of its options', () => {
    expect(given({ pem: 'a', name: 'b' })).not.toThrow();
    expect(given({ pem: 'a', name: 'b', file: 'c' })).toThrow(
      new Error('ca.file is not an option, got "c"; remove it'),
    );
  });

  test.each([[{}], [{ file: 'a', pem: 'b' }]])('is refused as none or more of them: %j', (ca) => {
    expect(given(ca)).toThrow(/^ca must have either file or pem, got \[.*\]; choose one of these$/);
  });
});

test('a class may have more than its options, and a plain object may not', () => {
  class Service {
    public readonly host = 'api';
    public readonly port = 8080;
    public readonly more = 'of its own';
  }
  const shape: OptionShape = { host: { types: ['string'] }, port: { types: ['number'] } };
  expect(() => assertOptions(shape, new Service(), {})).not.toThrow();
  expect(() => assertOptions(shape, { ...new Service() }, {})).toThrow(/^more is not an option/);
});

test('keys of an object are no options of its prototype', () => {
  expect(() => assertOptions({}, { constructor: 1 }, {})).toThrow(/^constructor is not an option, got 1; /);
});
