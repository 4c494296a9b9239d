import dgram from 'node:dgram';
import type { AddressInfo } from 'node:net';
import type { Bootstrap } from '../../envoy';
import { atEnd } from './cleanup';

const A = 1;
const AAAA = 28;

export interface Dns {
  /** The addresses of every name, from the next query on. */
  addresses: string[];
  /** The addresses of names that differ from `addresses`. A name with an empty list does not exist. */
  readonly names: Record<string, string[]>;
  /** Answers no query. */
  silent: boolean;
  /** Returns the number of queries. */
  readonly asked: () => number;
  /** Makes Envoy resolve the host of the API with this name server. */
  readonly patch: (bootstrap: Bootstrap) => Bootstrap;
}

/** Starts a name server that gives the same answer for all names, except those in `names`. */
export async function startDns(...addresses: string[]): Promise<Dns> {
  const socket = dgram.createSocket('udp4');
  let asked = 0;
  const dns: Dns = {
    addresses,
    names: {},
    silent: false,
    asked: () => asked,
    patch: (bootstrap) => patched(bootstrap, socket.address()),
  };
  socket.on('message', (query, { port, address }) => {
    asked += 1;
    if (!dns.silent) {
      socket.send(answer(query, dns.names[nameIn(query)] ?? dns.addresses), port, address);
    }
  });
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
  atEnd(() => socket.close());
  return dns;
}

/** Reads the name of a query: labels, each after its length. */
function nameIn(query: Buffer): string {
  const parts: string[] = [];
  for (let at = 12; (query[at] ?? 0) > 0; at += 1 + (query[at] ?? 0)) {
    parts.push(query.toString('latin1', at + 1, at + 1 + (query[at] ?? 0)));
  }
  return parts.join('.');
}

/** Builds a response as RFC 1035 defines it: the question, then the records. */
function answer(query: Buffer, addresses: readonly string[]): Buffer {
  const endOfName = query.indexOf(0, 12) + 1;
  const type = query.readUInt16BE(endOfName);
  const records = addresses
    .filter((address) => type === (address.includes(':') ? AAAA : A))
    .map((address) => {
      const data = type === A ? Buffer.from(address.split('.').map(Number)) : ipv6(address);
      // The name of the question (a pointer to it), type, class IN, five seconds to live, length.
      return Buffer.concat([Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 5, 0, data.length]), data]);
    });
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(0x8580, 2); // an authoritative answer, no error
  header.writeUInt16BE(records.length, 6);
  header.writeUInt32BE(0, 8);
  return Buffer.concat([header, query.subarray(12, endOfName + 4), ...records]);
}

/** Encodes an address of the form `::1`, the only form that the loopback device has. */
function ipv6(address: string): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16BE(Number.parseInt(address.split(':').at(-1) ?? '', 16), 14);
  return bytes;
}

function patched(bootstrap: Bootstrap, { address, port }: AddressInfo): Bootstrap {
  const copy = structuredClone(bootstrap) as unknown as {
    static_resources: { clusters: { name: string; cluster_type?: { typed_config: Record<string, unknown> } }[] };
  };
  const api = copy.static_resources.clusters.find(({ name }) => name === 'api');
  if (!api?.cluster_type) {
    throw new Error('no cluster uses a name server');
  }
  api.cluster_type.typed_config.typed_dns_resolver_config = {
    name: 'envoy.network.dns_resolver.cares',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig',
      resolvers: [{ socket_address: { address, port_value: port } }],
    },
  };
  return copy as unknown as Bootstrap;
}
