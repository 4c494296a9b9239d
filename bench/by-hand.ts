import { readFileSync } from 'node:fs';
import { Container } from '@cdktf/provider-docker/lib/container';
import { Image } from '@cdktf/provider-docker/lib/image';
import { Network } from '@cdktf/provider-docker/lib/network';
import { Volume } from '@cdktf/provider-docker/lib/volume';
import { DataResource, TerraformLocal, TerraformOutput, type TerraformResource, type TerraformStack } from 'cdktf';

// biome-ignore lint/suspicious/noExplicitAny: what is made of it is compared with what it was made of
type Json = any;

/** Terraform's names of the resources, and the classes of the toolkit and its provider. */
const CLASSES: Readonly<Record<string, new (stack: TerraformStack, id: string, config: Json) => TerraformResource>> = {
  docker_container: Container,
  docker_image: Image,
  docker_network: Network,
  docker_volume: Volume,
  terraform_data: DataResource,
};

/** One service of ours.ts as Terraform gets it. `synth.ts` writes it into this file, so that it can't be out of date. */
const first = readFileSync(process.env.BENCH_STACK ?? '', 'utf8');

/**
 * The same as in ours.ts with nothing but the provider's own classes, every value and every reference written out: the least that
 * such a stack can cost.
 */
export function service(stack: TerraformStack, index: number): void {
  const text = first
    .replaceAll(/\b(api|envoy|network|url|admin)-0(?!\d)/g, `$1-${index}`)
    .replaceAll(/(?<="external":|127\.0\.0\.1:)[12]0000\b/g, (port) => String(Number(port) + index));
  const { terraform, resource, locals, output }: Json = JSON.parse(text);
  const { docker } = terraform.required_providers;
  stack.addOverride('terraform.required_providers.docker.version', docker.version);
  for (const [type, Class] of Object.entries(CLASSES)) {
    for (const [id, attributes] of Object.entries<Json>(resource[type])) {
      const { dependsOn, ...config } = camelCased(attributes);
      new Class(stack, `${type}-${id}`, {
        ...config,
        ...(dependsOn && { dependsOn: dependsOn.map((fqn: string) => ({ fqn })) }),
      }).overrideLogicalId(id);
    }
  }
  for (const [id, expression] of Object.entries(locals)) {
    new TerraformLocal(stack, `local-${id}`, expression).overrideLogicalId(id);
  }
  for (const [id, { value }] of Object.entries<Json>(output)) {
    new TerraformOutput(stack, `output-${id}`, { value }).overrideLogicalId(id);
  }
}

/** Attributes as the bindings name them. What is no name of Terraform, as a key of a map, stays. */
function camelCased(value: Json): Json {
  if (Array.isArray(value)) {
    return value.map(camelCased);
  }
  if (Object(value) !== value) {
    return value;
  }
  const entries = Object.entries(value).filter(([key]) => key !== '//');
  return Object.fromEntries(
    entries.map(([key, inner]) => {
      const name = /^[a-z_]+$/.test(key) ? key.replaceAll(/_([a-z])/g, (_, letter) => letter.toUpperCase()) : key;
      return [name, name === 'triggersReplace' ? inner : camelCased(inner)];
    }),
  );
}
