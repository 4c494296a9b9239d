import { isObject } from './violation-collector';

/** Whether Envoy's runtime, as a bootstrap sets it, allows a deprecated feature of this full name after all. */
export type Allows = (name: string) => boolean;

/** Reads the static layers of the runtime. The other layers are not known before Envoy runs. */
export function allowedByRuntime(config: unknown): Allows {
  const runtime = field(config, 'layered_runtime', 'layeredRuntime');
  const layers = field(runtime, 'layers', 'layers');
  const flags = (Array.isArray(layers) ? layers : []).flatMap((layer) => {
    const values = field(layer, 'static_layer', 'staticLayer');
    return isObject(values) ? Object.keys(values).filter((key) => String(values[key]) === 'true') : [];
  });
  const allowed = new Set(flags);
  return (name) =>
    allowed.has('envoy.features.enable_all_deprecated_features') || allowed.has(`envoy.deprecated_features:${name}`);
}

function field(value: unknown, snake: string, camel: string): unknown {
  return isObject(value) ? (value[snake] ?? value[camel]) : undefined;
}
