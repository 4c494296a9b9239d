import { isJsonObject } from './violation-collector';

/** Whether Envoy's runtime, as a bootstrap sets it, allows a deprecated feature of this full name after all. */
export type IsAllowed = (name: string) => boolean;

/** Reads the static layers of the runtime. The other layers are not known before Envoy runs. */
export function readAllowedFeatures(config: unknown): IsAllowed {
  const runtime = getEither(config, 'layered_runtime', 'layeredRuntime');
  const layers = getEither(runtime, 'layers', 'layers');
  const flags = (Array.isArray(layers) ? layers : []).flatMap((layer) => {
    const values = getEither(layer, 'static_layer', 'staticLayer');
    return isJsonObject(values) ? Object.keys(values).filter((key) => String(values[key]) === 'true') : [];
  });
  const allowed = new Set(flags);
  return (name) =>
    allowed.has('envoy.features.enable_all_deprecated_features') || allowed.has(`envoy.deprecated_features:${name}`);
}

function getEither(value: unknown, snake: string, camel: string): unknown {
  return isJsonObject(value) ? (value[snake] ?? value[camel]) : undefined;
}
