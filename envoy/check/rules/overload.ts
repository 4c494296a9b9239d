import { didYouMean } from '../../options/suggest';
import {
  error,
  getField,
  getItems,
  getMessageType,
  hasField,
  type Node,
  quoteNames,
  readNumber,
  readText,
  warning,
} from '../message-reader';
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
    checkUniqueField(getItems(config, 'timer_scale_factors'), 'timer'),
  ),
  ...messages('envoy.config.overload.v3.OverloadManager').flatMap((manager) => {
    const monitors = getItems(manager, 'resource_monitors');
    const actions = getItems(manager, 'actions');
    const points = getItems(manager, 'loadshed_points');
    const resources = monitors
      .map((monitor) => getField(monitor, 'name').value)
      .filter((name) => typeof name === 'string');
    // Since 1.40 actions and points have their names in common.
    const named = version === '1.40' ? [[...actions, ...points]] : [actions, points];
    return [
      ...[monitors, ...named].flatMap(checkNames),
      ...monitors.flatMap(checkHeap),
      ...actions.flatMap((action) => checkAction(action, manager)),
      ...points.flatMap((point) => {
        const node = getField(point, 'name');
        const name = readText(node);
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
        const triggers = getItems(user, 'triggers');
        return [...checkNames(triggers), ...triggers.flatMap((trigger) => checkTrigger(trigger, resources))];
      }),
    ];
  }),
];

/** A heap of nothing is always full. */
function checkHeap(monitor: Node): readonly RuleProblem[] {
  const heap = getField(monitor, 'typed_config', 'max_heap_size_bytes');
  return getMessageType(getField(monitor, 'typed_config'))?.endsWith('.FixedHeapConfig') &&
    (readNumber(heap) ?? 0) === 0
    ? [error('overload-monitor', heap, 'must be more than 0, the heap that is the most; set it')]
    : [];
}

const checkNames = (list: readonly Node[]) => checkUniqueField(list, 'name');

function checkUniqueField(list: readonly Node[], field: string): readonly RuleProblem[] {
  const names = list.map((item) => getField(item, field));
  return names.flatMap((node, index) =>
    readText(node) !== undefined && names.findIndex(({ value }) => value === node.value) < index
      ? [error('overload-name', node, `is '${node.value}', which is there before; remove one of them`)]
      : [],
  );
}

/** What is said of some of them, in a message of this type and no TypedStruct. */
const CONFIGS: Readonly<Record<string, string>> = {
  'envoy.overload_actions.reduce_timeouts': 'envoy.config.overload.v3.ScaleTimersOverloadActionConfig',
  'envoy.overload_actions.shrink_heap': 'envoy.config.overload.v3.ShrinkHeapConfig',
};

function checkAction(action: Node, manager: Node): readonly RuleProblem[] {
  const node = getField(action, 'name');
  const name = readText(node);
  if (name === undefined) {
    return [];
  }
  if (!ACTIONS.includes(name)) {
    return [
      error(
        'overload-name',
        node,
        `is '${name}', which Envoy does not know; the actions are ${quoteNames(ACTIONS)}${didYouMean(name, ACTIONS)}`,
      ),
    ];
  }
  const typed = hasField(action, 'typed_config');
  const timeouts = name === 'envoy.overload_actions.reduce_timeouts';
  const type = readText(getField(action, 'typed_config', '@type'));
  const taken = CONFIGS[name];
  const buffers = hasField(manager, 'buffer_factory_config');
  if (timeouts && !typed) {
    return [error('overload-action', action, `'${name}' needs a typed_config that says which timeouts; add it`)];
  }
  if (taken !== undefined && type !== undefined && !type.endsWith(`/${taken}`)) {
    return [error('overload-action', getField(action, 'typed_config'), `must be ${taken}, which '${name}' takes`)];
  }
  if (typed && taken === undefined) {
    return [error('overload-action', getField(action, 'typed_config'), `is nothing that '${name}' takes; remove it`)];
  }
  return name === 'envoy.overload_actions.reset_high_memory_stream' && !buffers
    ? [error('overload-action', action, `'${name}' needs overload_manager.buffer_factory_config; add it`)]
    : [];
}

function checkTrigger(trigger: Node, resources: readonly string[]): readonly RuleProblem[] {
  const node = getField(trigger, 'name');
  const name = readText(node);
  const scaled = getField(trigger, 'scaled');
  const [from, to] = ['scaling_threshold', 'saturation_threshold'].map((name) =>
    hasField(scaled, name) ? readNumber(getField(scaled, name)) : 0,
  );
  return [
    ...(name !== undefined && !resources.includes(name)
      ? [
          error(
            'overload-trigger',
            node,
            `names the monitor '${name}', which is not there; resource_monitors are ${quoteNames(resources)}${didYouMean(name, resources)}`,
          ),
        ]
      : []),
    ...(hasField(trigger, 'scaled') && from !== undefined && to !== undefined && from >= to
      ? [
          error(
            'overload-trigger',
            getField(trigger, 'scaled'),
            `scales from ${from} to ${to}; scaling_threshold must be less than saturation_threshold`,
          ),
        ]
      : []),
  ];
}
