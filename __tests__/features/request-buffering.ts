import { count, size } from '../drawn';
import { example } from '../examples';

export default example('requestBuffering', {
  every: { size: '32KiB', maxStreamed: 100 },
  drawn: { size, maxStreamed: count(2 ** 31 - 1) },
});
