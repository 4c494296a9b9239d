import { runtimeLayers } from '../../../../envoy/check/rules/runtime';
import { runRule } from './run-rule';

const ofLayers = (...layers: object[]) =>
  runRule(runtimeLayers, { 'envoy.config.bootstrap.v3.LayeredRuntime': [{ layers }] });

test('layers are told apart, and one is for the admin interface', () => {
  expect(
    ofLayers({ name: 'a', static_layer: {} }, { name: 'a', admin_layer: {} }, { name: 'b', admin_layer: {} }),
  ).toEqual([
    "error runtime-layer at LayeredRuntime[0].layers[1].name: is 'a' as a layer before is; rename one of them",
    'error runtime-layer at LayeredRuntime[0].layers[2]: is a second admin_layer; keep one',
  ]);
});

test('values are plain', () => {
  const said = 'must be a number, text, true or false, or an object of them';
  expect(ofLayers({ name: 'a', static_layer: { a: null, b: { c: [], d: 'x', e: true }, f: 1, g: {} } })).toEqual([
    `error runtime-layer at LayeredRuntime[0].layers[0].static_layer.a: ${said}`,
    `error runtime-layer at LayeredRuntime[0].layers[0].static_layer.b.c: ${said}`,
  ]);
});
