// One measurement in a process of its own: `child.ts ours|by-hand COUNT` or `child.ts main`; says it as JSON.
import type * as Cdktf from 'cdktf';
import type * as Service from './ours';

const laps: Record<string, number> = {};
let last = 0;

/** Milliseconds since the lap before; the first is since the process started. */
function lap(name: string): void {
  const now = performance.now();
  laps[name] = now - last;
  last = now;
}

const [what = '', count = '0'] = process.argv.slice(2);
lap('start');
if (what === 'main') {
  main();
} else {
  stackOf(what, Number(count));
}
laps.total = last;
laps.memory = process.resourceUsage().maxRSS / 1_024;
console.log(JSON.stringify(laps));

function stackOf(who: string, services: number): void {
  const { App, TerraformStack }: typeof Cdktf = require('cdktf');
  const { DockerProvider } = require('@cdktf/provider-docker/lib/provider');
  const { service }: typeof Service = require(`./${who}`);
  lap('load');
  // Or cdktf would run `terraform version` once for each terraform_data, 50 ms each, and hide the rest.
  const app = new App({ skipValidation: true });
  const stack = new TerraformStack(app, 'bench');
  new DockerProvider(stack, 'docker');
  for (let index = 0; index < services; index++) {
    service(stack, index);
  }
  lap('construct');
  app.synth();
  lap('synth');
}

/** main.ts, and whose time it takes. */
function main(): void {
  const { App }: typeof Cdktf = require('cdktf');
  lap('cdktf');
  for (const name of ['provider', 'container', 'image', 'network', 'volume']) {
    require(`@cdktf/provider-docker/lib/${name}`);
  }
  lap('provider');
  const yaml = require('yaml');
  lap('yaml');
  require('../lib');
  lap('lib');

  const yamlTime = timed(yaml.Document.prototype, 'toString');
  const { synth } = App.prototype;
  App.prototype.synth = function () {
    lap('construct');
    synth.call(this);
    lap('synth');
  };
  require('../main');
  laps.construct = (laps.construct ?? 0) - yamlTime();
  laps.stringify = yamlTime();
}

/** Sums the time that a method takes from now on. */
function timed(prototype: Record<string, (...args: unknown[]) => unknown>, name: string): () => number {
  const original = prototype[name];
  let sum = 0;
  prototype[name] = function (...args) {
    const start = performance.now();
    try {
      return original?.apply(this, args);
    } finally {
      sum += performance.now() - start;
    }
  };
  return () => sum;
}
