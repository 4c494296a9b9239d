import { overload } from '../../../../envoy/check/rules/overload';
import { runRule } from './run-rule';

test('actions, points and triggers that are not there', () => {
  expect(
    runRule(overload, {
      'envoy.config.overload.v3.OverloadManager': [
        {
          resource_monitors: [
            {
              name: 'envoy.resource_monitors.fixed_heap',
            },
          ],
          actions: [
            {
              name: 'envoy.overload_actions.shrink_heep',
              triggers: [
                {
                  name: 'envoy.resource_monitors.fixed_heap',
                  threshold: {
                    value: 0.9,
                  },
                },
              ],
            },
            {
              name: 'envoy.overload_actions.shrink_heap',
              triggers: [
                {
                  name: 'heap',
                  threshold: {
                    value: 0.9,
                  },
                },
              ],
            },
          ],
          loadshed_points: [
            {
              name: 'envoy.load_shed_points.tcp_listener_accepts',
              triggers: [
                {
                  name: 'envoy.resource_monitors.fixed_heap',
                  threshold: {
                    value: 0.9,
                  },
                },
              ],
            },
          ],
        },
      ],
    }),
  ).toEqual([
    "error overload-name at OverloadManager[0].actions[0].name: is 'envoy.overload_actions.shrink_heep', which Envoy does not know; the actions are 'envoy.overload_actions.close_idle_http_connections', 'envoy.overload_actions.disable_http_keepalive', 'envoy.overload_actions.reduce_timeouts', 'envoy.overload_actions.reject_incoming_connections', 'envoy.overload_actions.reset_high_memory_stream', 'envoy.overload_actions.shrink_heap', 'envoy.overload_actions.stop_accepting_connections', 'envoy.overload_actions.stop_accepting_requests' (did you mean 'envoy.overload_actions.shrink_heap'?)",
    "warning overload-name at OverloadManager[0].loadshed_points[0].name: is 'envoy.load_shed_points.tcp_listener_accepts', which is no load shed point that we know of; check it against Envoy's list (did you mean 'envoy.load_shed_points.tcp_listener_accept'?)",
    "error overload-trigger at OverloadManager[0].actions[1].triggers[0].name: names the monitor 'heap', which is not there; resource_monitors are 'envoy.resource_monitors.fixed_heap'",
  ]);
});

test('names that are there twice', () => {
  expect(
    runRule(overload, {
      'envoy.config.overload.v3.OverloadManager': [
        {
          resource_monitors: [
            {
              name: 'envoy.resource_monitors.fixed_heap',
            },
            {
              name: 'envoy.resource_monitors.fixed_heap',
            },
          ],
          actions: [
            {
              name: 'envoy.overload_actions.shrink_heap',
              triggers: [
                {
                  name: 'envoy.resource_monitors.fixed_heap',
                  threshold: {
                    value: 0.9,
                  },
                },
                {
                  name: 'envoy.resource_monitors.fixed_heap',
                  threshold: {
                    value: 0.9,
                  },
                },
              ],
            },
          ],
        },
      ],
    }),
  ).toEqual([
    "error overload-name at OverloadManager[0].resource_monitors[1].name: is 'envoy.resource_monitors.fixed_heap', which is there before; remove one of them",
    "error overload-name at OverloadManager[0].actions[0].triggers[1].name: is 'envoy.resource_monitors.fixed_heap', which is there before; remove one of them",
  ]);
});

test.each(['1.39', '1.40'] as const)('a load shed point with the name of an action, in %s', (version) => {
  const name = 'envoy.overload_actions.shrink_heap';
  const config = { actions: [{ name }], loadshed_points: [{ name }] };
  const at = 'at OverloadManager[0].loadshed_points[0].name';
  const problems = runRule(overload, { 'envoy.config.overload.v3.OverloadManager': [config] }, version);
  const twice = `error overload-name ${at}: is '${name}', which is there before; remove one of them`;
  expect(problems).toEqual([
    ...(version === '1.40' ? [twice] : []),
    expect.stringContaining(`warning overload-name ${at}: is '${name}', which is no load shed point that we know of`),
  ]);
});

test('a timer that is scaled twice', () => {
  const timers = ['HTTP_DOWNSTREAM_STREAM_IDLE', 'HTTP_DOWNSTREAM_CONNECTION_IDLE', 'HTTP_DOWNSTREAM_STREAM_IDLE'];
  const config = { timer_scale_factors: timers.map((timer) => ({ timer, min_timeout: '1s' })) };
  expect(runRule(overload, { 'envoy.config.overload.v3.ScaleTimersOverloadActionConfig': [config] })).toEqual([
    "error overload-name at ScaleTimersOverloadActionConfig[0].timer_scale_factors[2].timer: is 'HTTP_DOWNSTREAM_STREAM_IDLE', which is there before; remove one of them",
  ]);
});

test('where a scaled action begins is below where it ends, which is 0 where it is not said', () => {
  const triggers = [
    { scaling_threshold: 0.7, saturation_threshold: 0.9 },
    { saturation_threshold: 0.9 },
    { scaling_threshold: 0.7 },
    {},
  ].map((scaled, index) => ({ name: `monitor-${index}`, scaled }));
  expect(
    runRule(overload, {
      'envoy.config.overload.v3.OverloadManager': [
        {
          resource_monitors: triggers.map(({ name }) => ({ name })),
          actions: [{ name: 'envoy.overload_actions.stop_accepting_requests', triggers }],
        },
      ],
    }),
  ).toEqual([
    'error overload-trigger at OverloadManager[0].actions[0].triggers[2].scaled: scales from 0.7 to 0; scaling_threshold must be less than saturation_threshold',
    'error overload-trigger at OverloadManager[0].actions[0].triggers[3].scaled: scales from 0 to 0; scaling_threshold must be less than saturation_threshold',
  ]);
});

test('what an action needs and takes', () => {
  expect(
    runRule(overload, {
      'envoy.config.overload.v3.OverloadManager': [
        {
          resource_monitors: [
            {
              name: 'envoy.resource_monitors.fixed_heap',
            },
          ],
          actions: [
            {
              name: 'envoy.overload_actions.reduce_timeouts',
              triggers: [],
            },
            {
              name: 'envoy.overload_actions.stop_accepting_requests',
              typed_config: {},
              triggers: [],
            },
            {
              name: 'envoy.overload_actions.reset_high_memory_stream',
              triggers: [
                {
                  name: 'envoy.resource_monitors.fixed_heap',
                  scaled: {
                    scaling_threshold: 0.9,
                    saturation_threshold: 0.8,
                  },
                },
              ],
            },
          ],
        },
      ],
    }),
  ).toEqual([
    "error overload-action at OverloadManager[0].actions[0]: 'envoy.overload_actions.reduce_timeouts' needs a typed_config that says which timeouts; add it",
    "error overload-action at OverloadManager[0].actions[1].typed_config: is nothing that 'envoy.overload_actions.stop_accepting_requests' takes; remove it",
    "error overload-action at OverloadManager[0].actions[2]: 'envoy.overload_actions.reset_high_memory_stream' needs overload_manager.buffer_factory_config; add it",
    'error overload-trigger at OverloadManager[0].actions[2].triggers[0].scaled: scales from 0.9 to 0.8; scaling_threshold must be less than saturation_threshold',
  ]);
});

test('a good one', () => {
  expect(
    runRule(overload, {
      'envoy.config.overload.v3.OverloadManager': [
        {
          buffer_factory_config: {},
          resource_monitors: [
            {
              name: 'envoy.resource_monitors.fixed_heap',
            },
          ],
          actions: [
            {
              name: 'envoy.overload_actions.reset_high_memory_stream',
              triggers: [
                {
                  name: 'envoy.resource_monitors.fixed_heap',
                  scaled: {
                    scaling_threshold: 0.8,
                    saturation_threshold: 0.9,
                  },
                },
              ],
            },
          ],
          loadshed_points: [
            {
              name: 'envoy.load_shed_points.tcp_listener_accept',
              triggers: [
                {
                  name: 'envoy.resource_monitors.fixed_heap',
                  threshold: {
                    value: 0.9,
                  },
                },
              ],
            },
          ],
        },
      ],
    }),
  ).toEqual([]);
});

test('an action takes its own settings, and a heap is more than nothing', () => {
  const action = (name: string, type: string) => ({
    name: `envoy.overload_actions.${name}`,
    typed_config: { '@type': `type.googleapis.com/${type}` },
  });
  const TIMERS = 'envoy.config.overload.v3.ScaleTimersOverloadActionConfig';
  const SHRINK = 'envoy.config.overload.v3.ShrinkHeapConfig';
  const heap = (name: string, more: object) => ({
    name,
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig',
      ...more,
    },
  });
  const managers = [
    { actions: [action('shrink_heap', TIMERS), action('reduce_timeouts', SHRINK)] },
    { actions: [action('shrink_heap', SHRINK), action('reduce_timeouts', TIMERS)] },
    {
      resource_monitors: [heap('a', {}), heap('b', { max_heap_size_bytes: 0 }), heap('c', { max_heap_size_bytes: 1 })],
    },
  ];
  expect(runRule(overload, { 'envoy.config.overload.v3.OverloadManager': managers })).toEqual([
    `error overload-action at OverloadManager[0].actions[0].typed_config: must be ${SHRINK}, which 'envoy.overload_actions.shrink_heap' takes`,
    `error overload-action at OverloadManager[0].actions[1].typed_config: must be ${TIMERS}, which 'envoy.overload_actions.reduce_timeouts' takes`,
    ...[0, 1].map(
      (place) =>
        `error overload-monitor at OverloadManager[2].resource_monitors[${place}].typed_config.max_heap_size_bytes: must be more than 0, the heap that is the most; set it`,
    ),
  ]);
});
