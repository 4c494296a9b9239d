import { count, size } from '../arbitraries';
import { example } from '../examples';

export default example('requestBuffering', {
  every: { maxSize: '32KiB', maxStreamed: 10 },
  drawn: { maxSize: size, maxStreamed: count(1_023) },
});
