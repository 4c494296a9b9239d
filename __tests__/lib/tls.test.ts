import { TerraformOutput, TerraformVariable } from 'cdktf';
import type { Certificate, TlsOptions } from '../../envoy';
import { EnvoySidecar, type EnvoySidecarProps } from '../../lib';
import { TestAuthority } from '../certificates';
import { calculator, synth } from '../helpers';

const { cert, key } = TestAuthority.create().issue('DNS:a.test');
const certificates: TlsOptions['certificates'] = [{ certificateChain: cert, privateKey: key }];
const upstream = { host: 'api', port: 8080 };
const linesOf = (text: string) => text.split('\n').slice(1, 3);

test('its URL is https, that of the admin pages is not', () => {
  synth((stack) => {
    const sidecar = new EnvoySidecar(stack, 'envoy', { upstream, tls: { certificates }, adminView: {} });
    expect([sidecar.url, sidecar.adminUrl]).toEqual(['https://127.0.0.1:8800', 'http://127.0.0.1:8081']);
    const publish = { http: { port: 9000 } } as const;
    const plain = new EnvoySidecar(stack, 'plain', { upstream, tls: false, publish });
    expect(plain.url).toBe('http://127.0.0.1:9000');
  });
});

const shownBy = (certificate: Certificate) => [
  { tls: { certificates: [certificate] } as const },
  { upstreamTls: { certificate } },
];

test.each(shownBy({ certificateChain: cert, privateKey: key }))(
  'a key is in one place, marked as sensitive, and not in the configuration: %#',
  (props) => {
    const { json, resources } = calculator(props);
    const [line = ''] = linesOf(key);
    expect(json.split(line)).toHaveLength(2);
    const locals = Object.entries(JSON.parse(json).locals as Record<string, string>);
    const [name] = locals.find(([, text]) => String(text).includes(line)) ?? [];
    expect(JSON.stringify(resources)).toContain(`sensitive(local.${name})`);
    expect(JSON.stringify(resources)).not.toContain(line);
  },
);

test.each([0, 1])('a key of a variable stays a reference: %#', (place) => {
  const { json } = synth((stack) => {
    const secret = new TerraformVariable(stack, 'key', { type: 'string', sensitive: true });
    const chain = new TerraformVariable(stack, 'chain', { type: 'string' });
    const props = shownBy({ certificateChain: chain.stringValue, privateKey: secret.stringValue })[place];
    const sidecar = new EnvoySidecar(stack, 'envoy', { upstream, ...props });
    new TerraformOutput(stack, 'yaml', { value: sidecar.envoyYaml });
  });
  const { locals, output } = JSON.parse(json);
  expect(Object.values(locals)).toContain('${var.key}');
  expect(output.yaml.value).not.toContain('var.');
});

describe('plain HTTP is sent to the port of the host', () => {
  const yamlOf = (props: Partial<EnvoySidecarProps>, httpsRedirect: TlsOptions['httpsRedirect'] & {} = {}) => {
    let yaml = '';
    synth((stack) => {
      yaml = new EnvoySidecar(stack, 'envoy', { upstream, tls: { certificates, httpsRedirect }, ...props }).envoyYaml;
    });
    return /port_redirect: (\d+)/.exec(yaml)?.[1];
  };

  test.each<[Partial<EnvoySidecarProps>, TlsOptions['httpsRedirect'] & {}, string | undefined]>([
    [{}, {}, '8800'],
    [{ port: 9443 }, {}, '9443'],
    [{ publish: { http: { port: 8443 } } }, {}, '8443'],
    [{ publish: { http: { port: 443 } } }, {}, undefined],
    [{ publish: { http: { port: 0 } } }, { httpsPort: 7443 }, '7443'],
  ])('%j %j: %s', (props, redirect, expected) => {
    expect(yamlOf(props, redirect)).toBe(expected);
  });

  test.each([{ port: 0 }, false as const])('which has to be known: %j', (http) => {
    expect(() => yamlOf({ publish: { http } })).toThrow(
      new Error(
        'calc/envoy: tls.httpsRedirect.httpsPort is needed, since `http` is published at no port that is known, got undefined; write the port by which clients come, or publish `http` at one',
      ),
    );
  });

  test('which is published by its name', () => {
    const stack = calculator({ tls: { certificates, httpsRedirect: {} }, publish: { redirect: { port: 80 } } });
    expect(stack.at('envoy/pod-holder/Default').ports).toContainEqual({
      internal: 8880,
      external: 80,
      ip: '127.0.0.1',
    });
  });
});
