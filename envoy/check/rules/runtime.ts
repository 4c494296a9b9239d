import { child, error, has, items, type Node, text } from '../message-reader';
import type { Messages, Rule, RuleProblem } from '../rule';

/** Layers of the runtime have names of their own, one at the most is for the admin interface, and values are plain. */
export const runtimeLayers: Rule = (messages: Messages) =>
  messages('envoy.config.bootstrap.v3.LayeredRuntime').flatMap((runtime) => {
    const layers = items(runtime, 'layers');
    const names = layers.map((layer) => text(child(layer, 'name')));
    const admins = layers.filter((layer) => has(layer, 'admin_layer'));
    return [
      ...layers.flatMap((layer, place) =>
        names[place] !== undefined && names.indexOf(names[place]) < place
          ? [
              error(
                'runtime-layer',
                child(layer, 'name'),
                `is '${names[place]}' as a layer before is; rename one of them`,
              ),
            ]
          : [],
      ),
      ...admins.slice(1).map((layer) => error('runtime-layer', layer, 'is a second admin_layer; keep one')),
      ...layers.flatMap((layer) => wrongValues(child(layer, 'static_layer'))),
    ];
  });

function wrongValues({ value, protoPath }: Node): readonly RuleProblem[] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([key, inner]) => {
    const node = { value: inner, protoPath: [...protoPath, key] };
    return inner === null || Array.isArray(inner)
      ? [error('runtime-layer', node, 'must be a number, text, true or false, or an object of them')]
      : wrongValues(node);
  });
}
