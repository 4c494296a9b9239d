import { error, getField, getItems, hasField, type Node, readText } from '../message-reader';
import type { Messages, Rule, RuleProblem } from '../rule';

/** Layers of the runtime have names of their own, one at the most is for the admin interface, and values are plain. */
export const runtimeLayers: Rule = (messages: Messages) =>
  messages('envoy.config.bootstrap.v3.LayeredRuntime').flatMap((runtime) => {
    const layers = getItems(runtime, 'layers');
    const names = layers.map((layer) => readText(getField(layer, 'name')));
    const admins = layers.filter((layer) => hasField(layer, 'admin_layer'));
    return [
      ...layers.flatMap((layer, place) =>
        names[place] !== undefined && names.indexOf(names[place]) < place
          ? [
              error(
                'runtime-layer',
                getField(layer, 'name'),
                `is '${names[place]}' as a layer before is; rename one of them`,
              ),
            ]
          : [],
      ),
      ...admins.slice(1).map((layer) => error('runtime-layer', layer, 'is a second admin_layer; keep one')),
      ...layers.flatMap((layer) => checkValues(getField(layer, 'static_layer'))),
    ];
  });

function checkValues({ value, protoPath }: Node): readonly RuleProblem[] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([key, inner]) => {
    const node = { value: inner, protoPath: [...protoPath, key] };
    return inner === null || Array.isArray(inner)
      ? [error('runtime-layer', node, 'must be a number, text, true or false, or an object of them')]
      : checkValues(node);
  });
}
