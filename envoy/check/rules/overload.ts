import { didYouMean } from '../../options/suggest';
import { child, error, has, items, type Node, number, quoted, text, typeName, warning } from '../message-reader';
import type { Rule, RuleProblem } from '../rule';

const ACTIONS = [
  'close_idle_http_connections',
  'disable_http_keepalive',
  'reduce_timeouts',
  'reject_incoming_connections',
  'reset_high_memory_stream',
  'shrink_heap',
  'stop_accepting_connections',
  'stop_accepting_requests',
].map((name) => `envoy.overload_actions.${name}`);

const POINTS = [
  'connection_pool_new_connection',
  'hcm_ondata_creating_codec',
  'http1_server_abort_dispatch',
  'http2_server_go_away_on_dispatch',
  'http2_server_go_away_and_close_on_dispatch',
  'http3_server_go_away_on_dispatch',
  'http3_server_go_away_and_close_on_dispatch',
  'http_connection_manager_decode_headers',
  'http_downstream_filter_check',
  'tcp_listener_accept',
  'tcp_proxy_on_data',
  'tcp_proxy_upstream_connect',
].map((name) => `envoy.load_shed_points.${name}`);

/** What Envoy does under load is known to it, and triggered by monitors that are there. */
export const overload: Rule = (messages, version) => [
  ...messages('envoy.config.overload.v3.ScaleTimersOverloadActionConfig').flatMap((config) =>
    repeated(items(config, 'timer_scale_factors'), 'timer'),
  ),
  ...messages('envoy.config.overload.v3.OverloadManager').flatMap((manager) => {
    const monitors = items(manager, 'resource_monitors');
    const actions = items(manager, 'actions');
    const points = items(manager, 'loadshed_points');
    const resources = monitors
      .map((monitor) => child(monitor, 'name').value)
      .filter((name) => typeof name === 'string');
    // Since 1.40 actions and points have their names in common.
    const named = version === '1.40' ? [[...actions, ...points]] : [actions, points];
    return [
      ...[monitors, ...named].flatMap(repeatedNames),
      ...monitors.flatMap(emptyHeap),
      ...actions.flatMap((action) => wrongAction(action, manager)),
      ...points.flatMap((point) => {
        const node = child(point, 'name');
        const name = text(node);
        return name === undefined || POINTS.includes(name)
          ? []
          : [
              warning(
                'overload-name',
                node,
                `is '${name}', which is no load shed point that we know of; check it against Envoy's list${didYouMean(name, POINTS)}`,
              ),
            ];
      }),
      ...[...actions, ...points].flatMap((user) => {
        const triggers = items(user, 'triggers');
        return [...repeatedNames(triggers), ...triggers.flatMap((trigger) => wrongTrigger(trigger, resources))];
      }),
    ];
  }),
];

/** A heap of nothing is always full. */
function emptyHeap(monitor: Node): readonly RuleProblem[] {
  const heap = child(monitor, 'typed_config', 'max_heap_size_bytes');
  return typeName(child(monitor, 'typed_config'))?.endsWith('.FixedHeapConfig') && (number(heap) ?? 0) === 0
    ? [error('overload-monitor', heap, 'must be more than 0, the heap that is the most; set it')]
    : [];
}

const repeatedNames = (list: readonly Node[]) => repeated(list, 'name');

function repeated(list: readonly Node[], field: string): readonly RuleProblem[] {
  const names = list.map((item) => child(item, field));
  return names.flatMap((node, index) =>
    text(node) !== undefined && names.findIndex(({ value }) => value === node.value) < index
      ? [error('overload-name', node, `is '${node.value}', which is there before; remove one of them`)]
      : [],
  );
}

/** What is said of some of them, in a message of this type and no TypedStruct. */
const CONFIGS: Readonly<Record<string, string>> = {
  'envoy.overload_actions.reduce_timeouts': 'envoy.config.overload.v3.ScaleTimersOverloadActionConfig',
  'envoy.overload_actions.shrink_heap': 'envoy.config.overload.v3.ShrinkHeapConfig',
};

function wrongAction(action: Node, manager: Node): readonly RuleProblem[] {
  const node = child(action, 'name');
  const name = text(node);
  if (name === undefined) {
    return [];
  }
  if (!ACTIONS.includes(name)) {
    return [
      error(
        'overload-name',
        node,
        `is '${name}', which Envoy does not know; the actions are ${quoted(ACTIONS)}${didYouMean(name, ACTIONS)}`,
      ),
    ];
  }
  const typed = has(action, 'typed_config');
  const timeouts = name === 'envoy.overload_actions.reduce_timeouts';
  const type = text(child(action, 'typed_config', '@type'));
  const taken = CONFIGS[name];
  const buffers = has(manager, 'buffer_factory_config');
  if (timeouts && !typed) {
    return [error('overload-action', action, `'${name}' needs a typed_config that says which timeouts; add it`)];
  }
  if (taken !== undefined && type !== undefined && !type.endsWith(`/${taken}`)) {
    return [error('overload-action', child(action, 'typed_config'), `must be ${taken}, which '${name}' takes`)];
  }
  if (typed && taken === undefined) {
    return [error('overload-action', child(action, 'typed_config'), `is nothing that '${name}' takes; remove it`)];
  }
  return name === 'envoy.overload_actions.reset_high_memory_stream' && !buffers
    ? [error('overload-action', action, `'${name}' needs overload_manager.buffer_factory_config; add it`)]
    : [];
}

function wrongTrigger(trigger: Node, resources: readonly string[]): readonly RuleProblem[] {
  const node = child(trigger, 'name');
  const name = text(node);
  const scaled = child(trigger, 'scaled');
  const [from, to] = ['scaling_threshold', 'saturation_threshold'].map((name) =>
    has(scaled, name) ? number(child(scaled, name)) : 0,
  );
  return [
    ...(name !== undefined && !resources.includes(name)
      ? [
          error(
            'overload-trigger',
            node,
            `names the monitor '${name}', which is not there; resource_monitors are ${quoted(resources)}${didYouMean(name, resources)}`,
          ),
        ]
      : []),
    ...(has(trigger, 'scaled') && from !== undefined && to !== undefined && from >= to
      ? [
          error(
            'overload-trigger',
            child(trigger, 'scaled'),
            `scales from ${from} to ${to}; scaling_threshold must be less than saturation_threshold`,
          ),
        ]
      : []),
  ];
}
