import { count } from '../arbitraries';
import { example } from '../examples';

export default example('circuitBreaker', {
  every: { connections: 100, pendingRequests: 200, requests: 300, connectionsPerHost: 50 },
  drawn: {
    connections: count(2 ** 31 - 1),
    pendingRequests: count(2 ** 31 - 1),
    requests: count(2 ** 31 - 1),
    connectionsPerHost: count(2 ** 31 - 1),
  },
});
