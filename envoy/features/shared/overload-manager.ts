import { type Bootstrap, extension } from '../../messages/builders';
import type { Typed } from '../../messages/schema/types';

const HEAP = 'envoy.resource_monitors.fixed_heap';
const FIXED_HEAP = 'envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig';
const CONNECTIONS = 'envoy.resource_monitors.global_downstream_max_connections';

/**
 * What Envoy does as its connections and its heap run out, mildest first. In which order and why so early is measured in
 * docs/decisions/0016-full-memory.md.
 */
export function overloadManager(connections: number, heap?: number) {
  const open = extension(
    CONNECTIONS,
    'envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig',
    { max_active_downstream_connections: connections },
  );
  if (heap === undefined) {
    // Envoy alone with this monitor does not look at it again (1.37 to 1.40), so that an action would never come.
    return { ...REFRESH, resource_monitors: [open] };
  }
  const size = extension(HEAP, FIXED_HEAP, { max_heap_size_bytes: heap });
  return {
    ...REFRESH,
    resource_monitors: [open, size],
    actions: [
      endIdle([FEW_CONNECTIONS, LITTLE_HEAP]),
      { name: 'envoy.overload_actions.shrink_heap', triggers: heapAt(0.85) },
      { name: 'envoy.overload_actions.stop_accepting_requests', triggers: heapAt(0.85) },
    ],
    // Actions wait until a worker is through with what it does, and it may be reading thousands of connections. These don't.
    loadshed_points: [
      { name: 'envoy.load_shed_points.tcp_listener_accept', triggers: heapAt(0.9) },
      { name: 'envoy.load_shed_points.http1_server_abort_dispatch', triggers: heapAt(0.95) },
      { name: 'envoy.load_shed_points.http2_server_go_away_and_close_on_dispatch', triggers: heapAt(0.95) },
    ],
  };
}

/** Clients fill some megabytes in these ten milliseconds. To look so often takes less than a hundredth of a core. */
const REFRESH = { refresh_interval: '0.01s' } as const;

/** Rather than to refuse new ones, but only when hardly any connection is left: what is idle may be meant to wait. */
const FEW_CONNECTIONS = { name: CONNECTIONS, scaled: { scaling_threshold: 0.9, saturation_threshold: 0.98 } };
const LITTLE_HEAP = { name: HEAP, scaled: { scaling_threshold: 0.75, saturation_threshold: 0.85 } };

/** Who holds something and does nothing goes first. */
function endIdle(triggers: (typeof FEW_CONNECTIONS)[]) {
  const action = extension(
    'envoy.overload_actions.reduce_timeouts',
    'envoy.config.overload.v3.ScaleTimersOverloadActionConfig',
    {
      timer_scale_factors: [
        { timer: 'HTTP_DOWNSTREAM_CONNECTION_IDLE', min_timeout: '1s' },
        { timer: 'HTTP_DOWNSTREAM_STREAM_IDLE', min_timeout: '5s' },
      ],
    },
  );
  return { ...action, triggers };
}

function heapAt(share: number) {
  return [{ name: HEAP, threshold: { value: share } }];
}

/** The bound of the heap in a configuration, in bytes. */
export function heapOf({ overload_manager }: Partial<Bootstrap>): number | undefined {
  const configs = (overload_manager?.resource_monitors ?? []).map(({ typed_config }) => typed_config);
  const size = configs.find((config) => config?.['@type'] === `type.googleapis.com/${FIXED_HEAP}`);
  return Number((size as Typed<typeof FIXED_HEAP> | undefined)?.max_heap_size_bytes) || undefined;
}
