import { TerraformOutput, TerraformVariable } from 'cdktf';
import { parse } from 'yaml';
import { DEFAULT_IMAGE } from '../../../../envoy/messages/resource-names';
import { isReference } from '../../../../envoy/options/terraform-tokens';
import { ApiService, DockerNetwork, EnvoySidecar, type EnvoySidecarProps, envoy } from '../../../../lib';
import { tcpListener } from '../../../config-builders';
import { calculator, synth, warningsOf } from '../../../helpers';

const upstream = { host: 'api', port: 8080 };

/** What a sidecar tells a larger stack, in Terraform's words. */
function told(props: Partial<EnvoySidecarProps>, tell: (sidecar: EnvoySidecar) => unknown) {
  const { json } = synth((stack) => {
    const sidecar = new EnvoySidecar(stack, 'envoy', { upstream, ...props });
    new TerraformOutput(stack, 'told', { value: tell(sidecar) });
  });
  return JSON.parse(json).output.told.value;
}

test('its resources have addresses that stay', () => {
  expect(calculator().addresses).toMatchInlineSnapshot(`
    [
      "docker_container.api",
      "docker_container.envoy",
      "docker_container.envoy_init_7FA42AEC",
      "docker_container.envoy_pod-holder_4F0008EC",
      "docker_image.api_image_1EB5B5DE",
      "docker_image.envoy_image_5E60BA6A",
      "docker_network.envoy_network_A3241ECA",
      "docker_network.network",
      "docker_volume.envoy_pod-holder_standby_17FE9B33",
      "docker_volume.envoy_volume_53206086",
      "terraform_data.api_revision_FB668894",
      "terraform_data.envoy_pod-holder_identity_6B836E4E",
      "terraform_data.envoy_revision_A479840A",
    ]
  `);
});

test("with rollout: 'recreate' they are the plain ones", () => {
  expect(calculator({ rollout: 'recreate' }).addresses).toMatchInlineSnapshot(`
    [
      "docker_container.api",
      "docker_container.envoy",
      "docker_container.envoy_init_7FA42AEC",
      "docker_image.api_image_1EB5B5DE",
      "docker_image.envoy_image_5E60BA6A",
      "docker_network.envoy_network_A3241ECA",
      "docker_network.network",
      "docker_volume.envoy_volume_53206086",
      "terraform_data.api_revision_FB668894",
      "terraform_data.envoy_revision_A479840A",
    ]
  `);
});

test('its configuration is the one that the core writes for these options', () => {
  synth((stack) => {
    const sidecar = new EnvoySidecar(stack, 'envoy', {
      upstream: { ...upstream, healthPath: '/health' },
      timeouts: { request: '60s' },
    });
    const { bootstrap } = envoy.assemble({
      upstream: { ...upstream, healthCheck: { path: '/health' } },
      timeouts: { request: '60s' },
      limits: { maxHeapSize: '314572KiB', maxConnections: 4096 },
    });
    expect(sidecar.envoyYaml).toBe(envoy.toYaml(bootstrap));
  });
});

test('the image stays on the host', () => {
  expect(calculator().at('envoy/image')).toMatchObject({ name: DEFAULT_IMAGE, keep_locally: true });
  expect(calculator({ image: 'mine:1' }).at('envoy/image')).toMatchObject({ name: 'mine:1', keep_locally: true });
});

describe('what a larger stack wants to know', () => {
  test('by default the URLs are those of the host itself', () => {
    expect(told({}, ({ url }) => url)).toBe('http://127.0.0.1:8800');
    expect(told({ adminView: {} }, ({ adminUrl }) => adminUrl)).toBe('http://127.0.0.1:8081');
  });

  test.each([
    [{ port: 80 }, 'http://127.0.0.1:80'],
    [{ address: '0.0.0.0' }, 'http://127.0.0.1:8800'],
    [{ address: '::' }, 'http://[::1]:8800'],
    [{ address: 'fe80::1' }, 'http://[fe80::1]:8800'],
    [{ address: '192.168.1.7', port: 8443 }, 'http://192.168.1.7:8443'],
  ])('published at %j the URL is %s', (http, url) => {
    expect(told({ publish: { http } }, (sidecar) => sidecar.url)).toBe(url);
  });

  test('the port is the one that is published', () => {
    expect(told({ port: 9000 }, (sidecar) => sidecar.publishedPort('http'))).toBe(9000);
    expect(told({ adminView: {}, publish: { admin: { port: 1 } } }, (sidecar) => sidecar.publishedPort('admin'))).toBe(
      1,
    );
  });

  const any = { adminView: {}, publish: { http: false, admin: { port: 0 } } } as const;

  test('a port that Docker chose is asked of who published it', () => {
    const external = '${docker_container.envoy_pod-holder_4F0008EC.ports[0].external}';
    expect(told(any, (sidecar) => sidecar.publishedPort('admin'))).toBe(external);
    expect(told(any, (sidecar) => sidecar.adminUrl)).toBe(`http://127.0.0.1:${external}`);
    expect(told({ ...any, rollout: 'recreate' }, (sidecar) => sidecar.adminUrl)).toBe(
      'http://127.0.0.1:${docker_container.envoy.ports[0].external}',
    );
  });

  test('a URL is known as a reference if its port is one: another configuration that has it asks that', () => {
    synth((stack) => {
      const one = new EnvoySidecar(stack, 'one', { upstream, ...any });
      const other = new EnvoySidecar(stack, 'other', { upstream });
      expect([isReference(one.adminUrl), isReference(other.url)]).toEqual([true, false]);
    });
  });

  test('an address that only Terraform knows is in the URL', () => {
    const { json } = synth((stack) => {
      const address = new TerraformVariable(stack, 'address', { type: 'string' }).stringValue;
      const { url } = new EnvoySidecar(stack, 'envoy', {
        upstream,
        publish: { http: { address } },
      });
      new TerraformOutput(stack, 'told', { value: url });
    });
    expect(JSON.parse(json).output.told.value).toBe('http://${var.address}:8800');
  });

  test('what is not published has no URL', () => {
    expect(() => told({ publish: { http: false } }, ({ url }) => url)).toThrow(
      new Error('calc/envoy: publish.http is not published, got false; publish it to have a URL'),
    );
    expect(() => told({}, ({ adminUrl }) => adminUrl)).toThrow(/^calc\/envoy: publish\.admin is not published/);
  });

  test('names and ids', () => {
    expect(told({ name: 'front' }, ({ name }) => name)).toBe('front');
    expect(told({}, ({ container }) => container.id)).toBe('${docker_container.envoy.id}');
    expect(told({}, ({ podHolder }) => podHolder?.id)).toBe('${docker_container.envoy_pod-holder_4F0008EC.id}');
    expect(told({ rollout: 'recreate' }, ({ podHolder }) => String(podHolder))).toBe('undefined');
  });
});

describe('networks', () => {
  const networksOf = (props: Partial<EnvoySidecarProps>) => {
    const stack = synth((scope) => new EnvoySidecar(scope, 'envoy', { upstream, ...props }));
    const owner = stack.at(props.rollout === 'recreate' ? 'envoy/Default/Default' : 'envoy/pod-holder/Default');
    return (owner.networks_advanced as { name: string }[]).map(({ name }) => name);
  };
  const outside = expect.stringMatching(/^\$\{docker_network\.envoy_network_[0-9A-F]{8}\.id\}$/);

  describe.each(['rolling', 'recreate'] as const)('rollout %s', (rollout) => {
    test('that of the upstream is the only one, if it leads to the outside', () => {
      const network = DockerNetwork.fromName('shared');
      expect(networksOf({ rollout, upstream: { ...upstream, network } })).toEqual(['shared']);
    });

    test('an internal one is not enough for ports to be published: there is one to the outside too', () => {
      const network = DockerNetwork.fromName('shared', { internal: true });
      expect(networksOf({ rollout, upstream: { ...upstream, network } })).toEqual(['shared', outside]);
    });

    test('without one there is one to the outside', () => {
      expect(networksOf({ rollout })).toEqual([outside]);
    });

    test('can be named where the upstream names none', () => {
      expect(networksOf({ rollout, network: DockerNetwork.fromName('shared') })).toEqual(['shared']);
    });

    test('can be named twice', () => {
      const network = DockerNetwork.fromName('shared');
      expect(networksOf({ rollout, network, upstream: { ...upstream, network } })).toEqual(['shared']);
    });

    test('two references to the existing one of that name are the same', () => {
      const [one, same] = [DockerNetwork.fromName('shared'), DockerNetwork.fromName('shared')];
      expect(
        networksOf({
          rollout,
          network: one,
          upstream: { ...upstream, network: same },
        }),
      ).toEqual(['shared']);
    });
  });

  test('the one to the outside has a name of its own', () => {
    expect(calculator({ name: 'front' }).at('envoy/network')).toMatchObject({ name: 'front-outside' });
  });
});

test('an upstream that only Terraform knows is in the configuration', () => {
  const stack = synth((scope) => {
    const host = new TerraformVariable(scope, 'host', { sensitive: true }).stringValue;
    new EnvoySidecar(scope, 'envoy', { upstream: { host, port: 5432 } });
  });
  const { files } = stack.at('envoy/Default/revision/Default').triggers_replace as {
    files: Record<string, string>;
  };
  const [[local, text] = []] = Object.entries(JSON.parse(stack.json).locals).filter(([name]) => name.includes('text'));
  expect(text).toBe('${var.host}');
  expect(files['/etc/envoy/envoy.yaml']).toContain(`address: \${jsonencode(format("%s", local.${local}))}\n`);
  expect(files['/etc/envoy/envoy.yaml']).toContain('port_value: 5432\n');
});

test('starts after what the upstream depends on', () => {
  expect(calculator({}, { replicas: 2 }).at('envoy/Default/Default').depends_on).toEqual([
    expect.stringMatching(/^docker_container\.envoy_init_/),
    'docker_container.api',
    expect.stringMatching(/^docker_container\.api_replica-2_/),
  ]);
});

test('what Envoy takes only for now is a warning of the toolkit, with the option that it comes from', () => {
  const upstream = { host: '10.0.0.5', port: 80 };
  const custom = [{ route: { route: { per_request_buffer_limit_bytes: 1 } } }];
  synth((stack) => {
    new EnvoySidecar(stack, 'envoy', { upstream, retries: false, custom });
    expect(warningsOf(stack)).toEqual([
      expect.stringMatching(
        /^calc\/envoy: custom\[0\]: static_resources\.listeners\[0\].*per_request_buffer_limit_bytes is deprecated/,
      ),
    ]);
  });
});

test('listeners of its own are published like the others, and by their names', () => {
  const custom = [{ listeners: [tcpListener('tcp', 9000, 'api')], ports: [{ name: 'tcp', port: 9000 }] }];
  const published = (publish = {}) =>
    calculator({ custom, publish }).at('envoy/pod-holder/Default').ports as { internal: number; external: number }[];
  expect(published()).toContainEqual({ internal: 9000, external: 9000, ip: '127.0.0.1' });
  expect(published({ tcp: { address: '0.0.0.0', port: 90 } })).toContainEqual({
    internal: 9000,
    external: 90,
    ip: '0.0.0.0',
  });
  expect(published({ tcp: false }).map(({ internal }) => internal)).toEqual([8800]);
});

describe('an upstream of several services', () => {
  const stackOf = (props: Partial<EnvoySidecarProps> = {}, spareHealth: string | undefined = '/health') => {
    let yaml = '';
    const stack = synth((scope) => {
      const [front, back] = [
        new DockerNetwork(scope, 'front', { internal: true }),
        new DockerNetwork(scope, 'back', { internal: true }),
      ];
      const base = { image: 'api:1', port: 8080 };
      const api = new ApiService(scope, 'api', { ...base, network: front, healthPath: '/health' });
      const healthPath = spareHealth === '' ? {} : { healthPath: spareHealth };
      const spare = new ApiService(scope, 'spare', { ...base, network: back, ...healthPath });
      const upstream: EnvoySidecarProps['upstream'] = [api, { service: spare, fallback: true }];
      yaml = new EnvoySidecar(scope, 'envoy', { upstream, ...props }).envoyYaml;
    });
    return { stack, clusters: parse(yaml).static_resources.clusters as Record<string, unknown>[] };
  };
  const http = (path: string) => [{ http_health_check: { path } }];

  test('the fallback has its priority, and all are asked at their path', () => {
    const [cluster] = stackOf().clusters;
    expect(cluster?.load_assignment).toMatchObject({ endpoints: [{ priority: 0 }, { priority: 1 }] });
    expect(cluster?.health_checks).toMatchObject(http('/health'));
    expect(cluster).toHaveProperty('outlier_detection');
  });

  test.each([
    [1, 'one try at it, then the fallback', 1],
    [3, 'two tries at them', 2],
  ])('an ApiService tells that there are %d: %s', (replicas, _, update_frequency) => {
    let yaml = '';
    synth((scope) => {
      const network = DockerNetwork.fromName('shared');
      const api = new ApiService(scope, 'api', { image: 'api:1', port: 8080, network, replicas });
      expect(api.replicas).toBe(replicas);
      const upstream = [api, { service: { host: 'spare', port: 1 }, fallback: true }];
      yaml = new EnvoySidecar(scope, 'envoy', { upstream }).envoyYaml;
    });
    const told = [...yaml.matchAll(/update_frequency: (\d+)/g)].map(([, count]) => Number(count));
    expect(told).toEqual([update_frequency, update_frequency]);
  });

  test('the sidecar is on the network of each, and starts after all of them', () => {
    const { stack } = stackOf();
    const networks = stack.at('envoy/pod-holder/Default').networks_advanced as { name: string }[];
    expect(networks.map(({ name }) => name)).toEqual([
      `\${${stack.address('front/Default')}.id}`,
      `\${${stack.address('back/Default')}.id}`,
      `\${${stack.address('envoy/network')}.id}`,
    ]);
    expect(stack.at('envoy/Default/Default').depends_on).toEqual([
      stack.address('envoy/Default/init'),
      stack.address('api/Default'),
      stack.address('spare/Default'),
    ]);
  });

  test.each(['', '/up'])('refuses paths that differ: %j', (path) => {
    expect(() => stackOf({}, path)).toThrow(
      new Error(
        `calc/envoy: upstream[1].service.healthPath must be '/health' as that of the others, since Envoy asks all of them at one, got ${path === '' ? undefined : '"/up"'}; give it the same, or say for all: healthCheck: { tcp: true }`,
      ),
    );
  });

  test('paths that differ are no trouble where something else is asked, or nothing', () => {
    const checks = (healthCheck: NonNullable<EnvoySidecarProps['healthCheck']>) =>
      stackOf({ healthCheck }, '/up').clusters[0]?.health_checks;
    expect(checks({ tcp: true })).toMatchObject([{ tcp_health_check: {} }]);
    expect(checks({ grpc: {} })).toMatchObject([{ grpc_health_check: {} }]);
    expect(checks({ path: '/deep' })).toMatchObject(http('/deep'));
    expect(checks(false)).toBeUndefined();
  });

  test('as a further upstream, it is asked as it says, and by TCP where it says nothing', () => {
    const places = (healthPath?: string) => [
      { host: '10.0.0.1', port: 1, ...(healthPath && { healthPath }) },
      { service: { host: '10.0.0.2', port: 1, ...(healthPath && { healthPath }) }, fallback: true },
    ];
    const checks = (healthPath: string | undefined, healthCheck?: EnvoySidecarProps['healthCheck']) =>
      stackOf({
        upstreams: { v2: places(healthPath) },
        routes: [{ path: '/v2', upstream: 'v2' }],
        ...(healthCheck !== undefined && { healthCheck }),
      }).clusters[1]?.health_checks;
    expect(checks('/up')).toMatchObject(http('/up'));
    expect(checks(undefined)).toMatchObject([{ tcp_health_check: {} }]);
    expect(checks(undefined, { path: '/all' })).toMatchObject(http('/all'));
    expect(checks('/up', { path: '/all' })).toMatchObject(http('/up'));
    expect(checks('/up', { grpc: {} })).toMatchObject([{ grpc_health_check: {} }]);
    expect(checks('/up', false)).toBeUndefined();
  });

  test("isolation: 'pod' is for one", () => {
    expect(() => stackOf({ isolation: 'pod' })).toThrow(
      new Error(
        "calc/envoy: isolation needs one ApiService as upstream and rollout: 'rolling', got \"pod\"; use isolation: 'network'",
      ),
    );
  });
});

describe('further upstreams', () => {
  const stackOf = (props: Partial<EnvoySidecarProps> = {}) => {
    let yaml = '';
    const stack = synth((scope) => {
      const [front, back] = [
        new DockerNetwork(scope, 'front', { internal: true }),
        new DockerNetwork(scope, 'back', { internal: true }),
      ];
      const api = (id: string, network: DockerNetwork, healthPath?: string) =>
        new ApiService(scope, id, { image: `${id}:1`, port: 8080, network, ...(healthPath && { healthPath }) });
      const sidecar = new EnvoySidecar(scope, 'envoy', {
        upstream: api('api', front, '/health'),
        upstreams: { v2: api('new', front, '/up'), files: api('files', back) },
        routes: [
          { path: '/v2', upstream: 'v2' },
          { path: '/files', upstream: 'files' },
        ],
        ...props,
      });
      yaml = sidecar.envoyYaml;
    });
    return { stack, clusters: parse(yaml).static_resources.clusters as Record<string, unknown>[] };
  };

  test('each is asked at its own health path, and not at all where it has none', () => {
    const paths = stackOf().clusters.map(({ name, health_checks }) => [
      name,
      (health_checks as { http_health_check: { path: string } }[] | undefined)?.map(
        (one) => one.http_health_check.path,
      ),
    ]);
    expect(paths).toEqual([
      ['api', ['/health']],
      ['v2', ['/up']],
      ['files', undefined],
    ]);
  });

  test('a health check of the whole proxy holds for those without a path of their own', () => {
    const [, v2, files] = stackOf({ healthCheck: { path: '/all', interval: '7s' } }).clusters;
    expect(v2?.health_checks).toMatchObject([{ interval: '7s', http_health_check: { path: '/up' } }]);
    expect(files?.health_checks).toMatchObject([{ interval: '7s', http_health_check: { path: '/all' } }]);
  });

  describe('what is written out has options of its own', () => {
    const billing = { host: 'billing.example.com', port: 443, healthPath: '/up' };
    const v2 = (own: object, props: Partial<EnvoySidecarProps> = {}) => {
      const upstream = { ...billing, ...own };
      return stackOf({ upstreams: { v2: upstream }, routes: [{ path: '/v2', upstream: 'v2' }], ...props }).clusters;
    };

    test('over those of the sidecar, and for no other', () => {
      const [api, billing] = v2({ upstreamTls: {}, circuitBreaker: { maxRequests: 7 } });
      expect(api).not.toHaveProperty('transport_socket');
      expect(billing).toMatchObject({
        transport_socket: { typed_config: { sni: 'billing.example.com' } },
        circuit_breakers: { thresholds: [{ max_requests: 7 }] },
        health_checks: [{ http_health_check: { path: '/up' } }],
      });
    });

    test('a health check too, at its health path unless it asks for something else', () => {
      const check = (healthCheck: EnvoySidecarProps['healthCheck']) => v2({ healthCheck })[1]?.health_checks;
      expect(check({ interval: '7s' })).toMatchObject([{ interval: '7s', http_health_check: { path: '/up' } }]);
      expect(check({ path: '/deep' })).toMatchObject([{ http_health_check: { path: '/deep' } }]);
      expect(check({ tcp: true })).toMatchObject([{ tcp_health_check: {} }]);
      expect(check(false)).toBeUndefined();
    });

    test('what is no option of an upstream is refused', () => {
      expect(() => v2({ retries: { numRetries: 2 } })).toThrow(
        new Error('calc/envoy: upstreams.v2.retries.numRetries is not an option, got 2; remove it'),
      );
      expect(() => v2({ upstreamTLS: {} })).toThrow(
        new Error(
          "calc/envoy: upstreams.v2.upstreamTLS is not an option, got []; remove it (did you mean 'upstreamTls'?)",
        ),
      );
    });
  });

  test('the sidecar is on the network of each, once, and starts after all of them', () => {
    const { stack } = stackOf();
    const networks = stack.at('envoy/pod-holder/Default').networks_advanced as { name: string }[];
    expect(networks.map(({ name }) => name)).toEqual([
      `\${${stack.address('front/Default')}.id}`,
      `\${${stack.address('back/Default')}.id}`,
      `\${${stack.address('envoy/network')}.id}`,
    ]);
    expect(stack.at('envoy/Default/Default').depends_on).toEqual([
      stack.address('envoy/Default/init'),
      stack.address('api/Default'),
      stack.address('new/Default'),
      stack.address('files/Default'),
    ]);
  });
});
