import fc from 'fast-check';
import { size } from '../arbitraries';
import { example } from '../examples';

export default example('bodyLimit', {
  every: { maxSize: '10MiB', streaming: true },
  // Streaming needs Envoy 1.40.
  together: '10MiB',
  // `streaming: true` is for 1.40 alone, and each minor is asked of what is drawn.
  drawn: fc.oneof(size, fc.record({ maxSize: size, streaming: fc.constant(false as const) }, { requiredKeys: [] })),
});
