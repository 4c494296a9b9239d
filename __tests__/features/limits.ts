import { count, size } from '../arbitraries';
import { example } from '../examples';

export default example('limits', {
  every: {
    connections: 1000,
    concurrentStreams: 50,
    headers: '32KiB',
    headerCount: 50,
    connectionBuffer: '64KiB',
    heap: '200MiB',
  },
  drawn: {
    connections: count(2 ** 31 - 1),
    concurrentStreams: count(2 ** 31 - 1),
    headers: size,
    headerCount: count(2 ** 31 - 1),
    connectionBuffer: size,
    heap: size,
  },
});
