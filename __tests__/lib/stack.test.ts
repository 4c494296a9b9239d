import { Testing } from 'cdktf';
import { Construct } from 'constructs';
import * as library from '../../lib';
import { ApiService, DockerNetwork, EnvoySidecar } from '../../lib';
import { type Resources, synth } from '../helpers';

/** An API with its sidecar, as a construct of a user's own. */
class Service extends Construct {
  constructor(scope: Construct, id: string, port: number) {
    super(scope, id);
    const network = new DockerNetwork(this, 'network', { internal: true });
    const upstream = new ApiService(this, 'api', {
      image: 'api:1',
      port: 8080,
      network,
      replicas: 2,
    });
    const admin = { port: port + 1 };
    new EnvoySidecar(this, 'envoy', {
      upstream,
      adminView: {},
      publish: { http: { port }, admin },
    });
  }
}

/** What Docker knows the things of a stack by; a volume may be called like a container. */
function namesIn(resources: Resources): string[] {
  const named = Object.entries(resources).filter(([address]) => /^docker_(container|volume|network)\./.test(address));
  return named.map(([address, { name }]) => `${address.split('.')[0]} ${name}`);
}

const twice = synth((stack) => {
  new Service(stack, 'orders', 9000);
  new Service(stack, 'stock', 9002);
}, 'shop');

test('two of them in one stack have no name in common', () => {
  const names = namesIn(twice.resources);
  expect(names).toHaveLength(18);
  expect(new Set(names).size).toBe(18);
  for (const name of names) {
    expect(name).toMatch(/ shop-(orders|stock)-/);
  }
});

test('the hosts by which their APIs are found differ, too', () => {
  const aliases = [...twice.json.matchAll(/"aliases": \[\s*"([^"]+)"/g)].map(([, alias]) => alias);
  expect([...new Set(aliases)].filter((alias) => alias?.endsWith('-api'))).toEqual([
    'shop-orders-api',
    'shop-stock-api',
  ]);
});

test('two stacks in one app have no name in common', () => {
  const app = Testing.app();
  const names = ['blue', 'green'].flatMap((id) =>
    namesIn(synth((stack) => new Service(stack, 'orders', 9000), id, app).resources),
  );
  expect(names).toHaveLength(18);
  expect(new Set(names).size).toBe(18);
});

test('what is exported stays', () => {
  expect(Object.keys(library).sort()).toMatchInlineSnapshot(`
    [
      "ApiService",
      "DockerNetwork",
      "EnvoySidecar",
      "GlobalRateLimit",
      "envoy",
    ]
  `);
  expect(Object.keys(library.envoy).sort()).toMatchInlineSnapshot(`
    [
      "ENVOY_VERSIONS",
      "assemble",
      "check",
      "pathText",
      "proxySpec",
      "readYaml",
      "toYaml",
    ]
  `);
});

test('an API alone, in Terraform', () => {
  const { json } = synth((stack) => {
    const network = new DockerNetwork(stack, 'network');
    new ApiService(stack, 'api', {
      image: 'api:1',
      port: 8080,
      network,
      env: { MODE: 'fast' },
    });
  });
  // The toolkits differ in how they write an empty list, their bindings in the oldest provider.
  const text = JSON.stringify(JSON.parse(json), null, 2).replace('>= 4.6.0, <', '>= 3.6.2, <');
  expect(text).toMatchInlineSnapshot(`
    "{
      "provider": {
        "docker": [
          {}
        ]
      },
      "resource": {
        "docker_container": {
          "api": {
            "destroy_grace_seconds": 30,
            "env": [
              "MODE=fast"
            ],
            "image": "\${docker_image.api_image_1EB5B5DE.image_id}",
            "labels": [
              {
                "label": "cdktf-envoy-sidecar.name",
                "value": "calc-api"
              },
              {
                "label": "cdktf-envoy-sidecar.role",
                "value": "api"
              }
            ],
            "lifecycle": {
              "create_before_destroy": true
            },
            "log_driver": "json-file",
            "log_opts": {
              "max-file": "3",
              "max-size": "10m"
            },
            "name": "calc-api-\${substr(terraform_data.api_revision_FB668894.id, 0, 8)}-1",
            "networks_advanced": [
              {
                "aliases": [
                  "calc-api"
                ],
                "name": "\${docker_network.network.id}"
              }
            ],
            "restart": "unless-stopped",
            "stop_timeout": 30,
            "upload": [],
            "volumes": []
          }
        },
        "docker_image": {
          "api_image_1EB5B5DE": {
            "keep_locally": true,
            "name": "api:1"
          }
        },
        "docker_network": {
          "network": {
            "driver": "bridge",
            "internal": false,
            "ipv6": false,
            "labels": [],
            "name": "calc-network"
          }
        },
        "terraform_data": {
          "api_revision_FB668894": {
            "lifecycle": {
              "create_before_destroy": true
            },
            "triggers_replace": {
              "env": [
                "MODE=fast"
              ],
              "files": {},
              "image": "\${docker_image.api_image_1EB5B5DE.image_id}",
              "labels": [
                {
                  "label": "cdktf-envoy-sidecar.name",
                  "value": "calc-api"
                },
                {
                  "label": "cdktf-envoy-sidecar.role",
                  "value": "api"
                }
              ],
              "logDriver": "json-file",
              "logOpts": {
                "max-file": "3",
                "max-size": "10m"
              },
              "networksAdvanced": [
                {
                  "aliases": [
                    "calc-api"
                  ],
                  "name": "\${docker_network.network.id}"
                }
              ],
              "stopTimeout": 30,
              "volumes": []
            }
          }
        }
      },
      "terraform": {
        "required_providers": {
          "docker": {
            "source": "kreuzwerker/docker",
            "version": ">= 3.6.2, < 5.0.0"
          }
        }
      }
    }"
  `);
});
