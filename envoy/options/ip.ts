/** Whether Envoy reads this as an IP address, of version 4 or 6; the latter may name an interface behind a `%`. */
export function isIp(address: string): boolean {
  return isIpv4(address) || groups(address) !== undefined;
}

export function isIpv4(address: string): boolean {
  const parts = address.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

/** One spelling for each address, `0:0::0` and `::` alike. What is no IP address stays as it is. */
export function plainAddress(address: string): string {
  return isIpv4(address) ? address : (groups(address)?.join(':') ?? address);
}

/** The eight groups of an address of version 6, and its interface. */
function groups(address: string): readonly string[] | undefined {
  const [plain = '', zone, ...more] = address.split('%');
  if (more.length > 0 || zone === '') {
    return undefined;
  }
  const halves = plain.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const [head = [], tail] = halves;
  const last = (tail ?? head).at(-1);
  if (last !== undefined && isIpv4(last)) {
    const [a = 0, b = 0, c = 0, d = 0] = last.split('.').map(Number);
    (tail ?? head).splice(-1, 1, (a * 256 + b).toString(16), (c * 256 + d).toString(16));
  }
  const written = [...head, ...(tail ?? [])];
  const missing = 8 - written.length;
  if (halves.length > 2 || (tail === undefined ? missing !== 0 : missing < 1)) {
    return undefined;
  }
  if (!written.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) {
    return undefined;
  }
  const all = [...head, ...Array.from({ length: missing }, () => '0'), ...(tail ?? [])];
  return [...all.map((group) => Number.parseInt(group, 16).toString(16)), ...(zone === undefined ? [] : [zone])];
}

/** One spelling for each range of addresses: as the bits that all of them begin with. */
export function plainRange(address: string, length: number): string {
  const [parts, bits] = isIpv4(address)
    ? [address.split('.').map(Number), 8]
    : [(groups(address)?.slice(0, 8) ?? []).map((group) => Number.parseInt(group, 16)), 16];
  return `${bits} ${parts
    .map((part) => part.toString(2).padStart(bits, '0'))
    .join('')
    .slice(0, length)}`;
}
