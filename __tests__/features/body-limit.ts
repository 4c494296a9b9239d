import fc from 'fast-check';
import { size } from '../arbitraries';
import { example } from '../examples';

export default example('bodyLimit', {
  every: { size: '10MiB', streamed: true },
  // Streaming needs Envoy 1.40.
  together: '10MiB',
  // `streamed: true` is for 1.40 alone, and each minor is asked of what is drawn.
  drawn: fc.oneof(size, fc.record({ size, streamed: fc.constant(false as const) }, { requiredKeys: [] })),
});
