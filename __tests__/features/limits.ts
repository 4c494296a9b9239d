import { count, size } from '../arbitraries';
import { example } from '../examples';

export default example('limits', {
  every: {
    maxConnections: 1000,
    maxConcurrentStreams: 50,
    maxRequestHeadersSize: '32KiB',
    maxRequestHeaders: 50,
    connectionBufferLimit: '64KiB',
    maxHeapSize: '200MiB',
  },
  drawn: {
    maxConnections: count(2 ** 31 - 1),
    maxConcurrentStreams: count(2 ** 31 - 1),
    maxRequestHeadersSize: size,
    maxRequestHeaders: count(2 ** 31 - 1),
    connectionBufferLimit: size,
    maxHeapSize: size,
  },
});
