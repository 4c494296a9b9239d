import { isIp, isIpv4 } from './ip';
import { invalidOption } from './validate';

/** A range of IP addresses. */
export interface Network {
  address_prefix: string;
  prefix_len: number;
}

/** A network as `'10.0.0.0/8'`. */
export function network(path: string, value: string): Network {
  const [, address = '', length = ''] = /^([^/%]+)\/(\d{1,3})$/.exec(value) ?? [];
  const bits = Number(length);
  if (!isIp(address) || bits > (isIpv4(address) ? 32 : 128)) {
    const remedy = "write for example '10.0.0.0/8', and '10.0.0.5/32' for one address";
    invalidOption(path, 'must be an IP address and the length of its prefix', value, remedy);
  }
  return { address_prefix: address, prefix_len: bits };
}
