import { count } from '../arbitraries';
import { example } from '../examples';

export default example('circuitBreaker', {
  every: { maxConnections: 100, maxPendingRequests: 200, maxRequests: 300, maxConnectionsPerHost: 50 },
  drawn: {
    maxConnections: count(2 ** 31 - 1),
    maxPendingRequests: count(2 ** 31 - 1),
    maxRequests: count(2 ** 31 - 1),
    maxConnectionsPerHost: count(2 ** 31 - 1),
  },
});
