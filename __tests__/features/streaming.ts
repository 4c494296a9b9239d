import fc from 'fast-check';
import { example } from '../examples';

export default example('streaming', {
  every: { accept: ['text/event-stream', 'application/x-ndjson'] },
  drawn: { accept: fc.uniqueArray(fc.constantFrom('text/event-stream', 'application/x-ndjson', 'a/b.c+d')) },
});
