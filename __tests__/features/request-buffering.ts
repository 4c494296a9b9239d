import { count, size } from '../arbitraries';
import { example } from '../examples';

export default example('requestBuffering', {
  every: { size: '32KiB', maxStreamed: 10 },
  drawn: { size, maxStreamed: count(1_023) },
});
