import fc from 'fast-check';
import { duration } from '../arbitraries';
import { example } from '../examples';

export default example('discovery', {
  every: { type: 'LOGICAL_DNS', dnsLookupFamily: 'V4_ONLY', dnsRefreshRate: '10s' },
  drawn: {
    type: fc.constantFrom('STRICT_DNS', 'LOGICAL_DNS', 'STATIC'),
    dnsLookupFamily: fc.constantFrom('V4_ONLY', 'V6_ONLY', 'V4_PREFERRED', 'AUTO', 'ALL'),
    dnsRefreshRate: duration(1),
  },
});
