import fc from 'fast-check';
import { count, duration } from '../arbitraries';
import { example } from '../examples';

const path = fc.constantFrom('/', '/health', '/a/b?c=d', "/it's~(odd)!");

export default example('healthCheck', {
  every: {
    path: '/ready',
    tcp: true,
    grpc: { service: 'shop.Cart' },
    interval: '3s',
    timeout: '500ms',
    unhealthyThreshold: 3,
    healthyThreshold: 2,
  },
  together: { path: '/ready', interval: '3s', timeout: '500ms', unhealthyThreshold: 3, healthyThreshold: 2 },
  drawn: {
    path,
    tcp: fc.constant(true as const),
    grpc: fc.record({ service: fc.constantFrom('shop.Cart', 'a') }, { requiredKeys: [] }),
    interval: duration(1),
    timeout: duration(1),
    unhealthyThreshold: count(1_000),
    healthyThreshold: count(1_000),
  },
});
