import fc from 'fast-check';
import { networks } from '../arbitraries';
import { example } from '../examples';

export default example('clientIp', {
  every: { numTrustedHops: 1 },
  drawn: fc.oneof(
    fc.constantFrom('direct', 'proxyProtocol' as const),
    fc.integer({ min: 1, max: 100 }).map((numTrustedHops) => ({ numTrustedHops })),
    networks.map((trustedCidrs) => ({ trustedCidrs })),
    networks.map((proxyProtocolFrom) => ({ proxyProtocolFrom })),
  ),
});
