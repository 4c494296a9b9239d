import { isKey, isObject, type Json, type JsonObject, type KeyPlace, type Place, places, put, rename } from './tree';

/** Damages a place in one of several ways, which `choice` picks. */
type Apply<At extends Place> = (place: At, choice: number, all: readonly Place[], parts: readonly Json[]) => void;

/** One way to damage a valid configuration. */
interface Mutation {
  /** Where it can be done. */
  readonly fits: (place: Place) => boolean;
  readonly apply: Apply<Place>;
}

function pick<Item>(items: readonly Item[], choice: number): Item | undefined {
  return items[choice % items.length];
}

const cloneJson = (value: Json): Json => structuredClone(value);
const isPlainKey = (place: Place): place is KeyPlace => isKey(place) && place.key !== '@type';
const hasName =
  (names: RegExp) =>
  (place: Place): place is Place =>
    typeof place.value === 'string' && names.test(place.name);
const hasText =
  (values: RegExp) =>
  (place: Place): place is Place =>
    typeof place.value === 'string' && values.test(place.value);

/** Puts one of these values in its place. */
const replaceBy =
  (...values: readonly Json[]) =>
  (place: Place, choice: number) =>
    put(place, cloneJson(pick(values, choice) ?? null));

const mutation = <At extends Place>(fits: (place: Place) => place is At, apply: Apply<At>): Mutation => ({
  fits,
  apply: (place, ...rest) => {
    if (fits(place)) {
      apply(place, ...rest);
    }
  },
});

const isNoType = (place: Place): place is Place => place.key !== '@type';

const EMPTY = { '@type': 'type.googleapis.com/google.protobuf.Empty' };
const STRUCT = { '@type': 'type.googleapis.com/google.protobuf.Struct', value: { nonsense: 1 } };
const OTHER = { '@type': 'type.googleapis.com/envoy.config.core.v3.HeaderValue', key: 'a' };
const OPTIONS_KEYS = [
  'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
  'envoy.extensions.upstreams.tcp.v3.TcpProtocolOptions',
  'envoy.filters.network.redis_proxy',
  'envoy.filters.network.thrift_proxy',
  'envoy.filters.network.tcp_proxy',
  'nonsense',
];

const URL_PARTS = [
  ['http', 'https', 'HTTPS', 'a+b', '1x', '', 'h_t'],
  ['://', '://', '://', '://', ':/', ':', '//', ''],
  ['', '', '', 'u@', 'u:p@', 'u_%41@', '@', 'ü@', 'a@b@'],
  [
    'a.example',
    'a_b',
    '10.0.0.1',
    '[::1]',
    '[::g]',
    '[::1',
    'a b',
    'é',
    '${HOST}',
    '',
    'a%41',
    'x..y',
    '-a-',
    '{{ host }}',
  ],
  ['', '', '', ':80', ':65535', ':65536', ':99999', ':', ':x', ':8_0', ':0'],
  ['', '/', '/a/b', '/a b', '/é', '/${KEY}', '?q=1', '#f', '/a?b#c', '/\u0001', '\\', '/%zz', '/{}|^`<>"'],
] as const;

/** A URL of random parts, right or wrong. */
function buildUrl(choice: number): string {
  let rest = choice;
  return URL_PARTS.map((parts) => {
    const part = parts[rest % parts.length];
    rest = Math.floor(rest / 7) + (rest % 5);
    return part;
  }).join('');
}

/** Every kind of damage, by name. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'a misspelt key': mutation(isPlainKey, (place, choice) => {
    const { key: name } = place;
    const at = choice % name.length;
    rename(
      place,
      choice % 2 === 0 ? name.slice(0, at) + name.slice(at + 1) || 'x' : `${name.slice(0, at)}_${name.slice(at)}`,
    );
  }),
  'a key in camelCase': mutation(
    (place): place is KeyPlace => isPlainKey(place) && /_[a-z]/.test(place.key),
    (place) =>
      rename(
        place,
        place.key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      ),
  ),
  'a key removed': mutation(isKey, ({ holder, key }) => {
    delete holder[key];
  }),
  null: mutation(isNoType, replaceBy(null)),
  'another type': mutation(isNoType, replaceBy('text', '', 7, -1, 1.5, true, [], {}, [7], { text: 7 })),
  'in a list': mutation(isNoType, (place) => put(place, [cloneJson(place.value)])),
  'in quotes': mutation(
    (place): place is Place => typeof place.value === 'number' || typeof place.value === 'boolean',
    (place) => put(place, String(place.value)),
  ),
  'another number': mutation(
    (place): place is Place => typeof place.value === 'number',
    replaceBy(-1, 0, 1, 101, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53, 1e300, 0.5, 1e-9),
  ),
  'another word of an enum': mutation(hasText(/^[A-Z][A-Z0-9_]*$/), (place, choice) =>
    replaceBy(
      String(place.value).toLowerCase(),
      'NONSENSE',
      'AUTO',
      0,
      1,
      2,
      99,
      -1,
      '1',
      `${place.value} `,
    )(place, choice),
  ),
  // Also the second of a oneof: the object gets what another object with a key in common has.
  'a field more': mutation(
    (place): place is KeyPlace => isKey(place),
    ({ holder }, choice, _, parts) => {
      const others = parts.filter(
        (part) => isObject(part) && Object.keys(part).some((name) => name in holder && name !== 'name'),
      );
      const missing = others.flatMap((part) =>
        Object.entries(part as { [key: string]: Json }).filter(([name]) => !(name in holder)),
      );
      const [name, value] = pick(missing, choice) ?? ['nonsense', 1];
      holder[name] = cloneJson(value);
    },
  ),
  'an unknown @type': mutation(
    (place): place is Place => place.key === '@type',
    (place, choice) => {
      const type = String(place.value);
      const short = type.slice(type.lastIndexOf('/') + 1);
      const wrong = [
        `${type}x`,
        short,
        type.replace('.v3.', '.v2.'),
        '',
        'type.googleapis.com/',
        `x/${short}`,
        7,
        null,
      ];
      replaceBy(...wrong)(place, choice);
    },
  ),
  'the @type of something else': mutation(
    (place): place is Place => place.key === '@type',
    (place, choice, _, parts) => {
      const types = parts.flatMap((part) => (isObject(part) && part['@type'] ? [part['@type']] : []));
      put(place, pick(types, choice) ?? null);
    },
  ),
  'an extension of something else': mutation(
    (place): place is Place => isObject(place.value) && '@type' in place.value,
    (place, choice, _, parts) =>
      put(
        place,
        cloneJson(
          pick(
            parts.filter((part) => isObject(part) && '@type' in part),
            choice,
          ) ?? null,
        ),
      ),
  ),
  'an item twice': mutation(
    (place): place is Place => !isKey(place),
    ({ holder, value }) => {
      (holder as Json[]).push(cloneJson(value));
    },
  ),
  'another order': mutation(
    (place): place is Place => Array.isArray(place.value) && place.value.length > 1,
    (place) => put(place, [...(place.value as Json[])].reverse()),
  ),
  'two places changed with each other': mutation(isNoType, (place, choice, all) => {
    const other = pick(all.filter(isNoType), choice) ?? place;
    const [mine, theirs] = [cloneJson(place.value), cloneJson(other.value)];
    put(other, mine);
    put(place, theirs);
  }),
  'two of one name changed with each other': mutation(isNoType, (place, choice, all) => {
    const other =
      pick(
        all.filter(({ name }) => name === place.name),
        choice,
      ) ?? place;
    const [mine, theirs] = [cloneJson(place.value), cloneJson(other.value)];
    put(other, mine);
    put(place, theirs);
  }),
  'a key moved down': mutation(isPlainKey, (place, choice) => {
    const objects = Object.values(place.holder).filter((value) => isObject(value) && value !== place.value);
    const target = pick(objects, choice);
    delete place.holder[place.key];
    if (isObject(target)) {
      target[place.key] = place.value;
    }
  }),
  'a key moved up': mutation(
    (place): place is Place => isObject(place.value) && Object.keys(place.value).length > 0,
    ({ holder, value }, choice) => {
      const inner = value as { [key: string]: Json };
      const name = pick(Object.keys(inner), choice) ?? '';
      if (!Array.isArray(holder)) {
        holder[name] = inner[name] ?? null;
      }
      delete inner[name];
    },
  ),
  'another name': mutation(
    hasName(/^(name|.*cluster.*|provider_name|requirement_name|.*_key)$/),
    (place, choice, all) => {
      const names = all.filter(hasName(/^(name|.*cluster.*)$/)).map(({ value }) => value);
      put(place, choice % 2 === 0 ? 'missing' : (pick(names, choice >> 1) ?? 'missing'));
    },
  ),
  'another duration': mutation(
    hasText(/^-?[\d.]+s$/),
    replaceBy(
      '-1s',
      '0s',
      '1',
      '1ms',
      '0.0005s',
      '0.000000001s',
      '0.0000000001s',
      's',
      '1e3s',
      '1m',
      '.5s',
      '5.s',
      ' 1s',
      '01s',
      '+1s',
      '315576000000s',
      '315576000001s',
      '9223372036854775807s',
      1,
      { seconds: 1 },
    ),
  ),
  'another header': mutation(
    hasName(/^(key|header|header_name|name|.*_headers?(_.*)?)$/),
    replaceBy('x a', '', ':path', ':method', 'host', 'x\ny', 'é', 'x:y', 'X-Upper', 'x\u0000'),
  ),
  'another pattern': mutation(
    hasName(/^(regex|prefix|path|exact|suffix|substitution)$/),
    replaceBy(
      '(',
      '[',
      '*',
      'a{2000}',
      '(?=a)',
      '\\1',
      '',
      '(?i)a',
      '[[:alpha:]]',
      'a\u0000b',
      '\\2',
      '(?P<n>a)',
      '/a?b',
      'a#b',
      '\\',
      '(((((a{100}){100}))))',
    ),
  ),
  'another address': mutation(
    hasName(/^(address|address_prefix|host|path|uri|server_uri)$/),
    replaceBy(
      'localhost',
      '',
      '1.2.3',
      '256.0.0.1',
      '::g',
      '10.0.0.0/8',
      '::1',
      '0.0.0.0',
      ' 10.0.0.1',
      '010.0.0.1',
      'fe80::1%eth0',
    ),
  ),
  'another URL': mutation(hasName(/^(uri|url|.*_uri|.*_url|.*endpoint)$/), (place, choice) =>
    put(place, buildUrl(choice)),
  ),
  'another ARN': mutation(
    hasName(/^arn$/),
    replaceBy(
      'f',
      'arn:aws:lambda:r:1:function:f',
      'arn:aws:lambda:r:1:function',
      'arn:::::::',
      'ARN:aws:lambda:r:1:function:f',
      '${ARN}',
    ),
  ),
  // Messages that Envoy passes on as they are.
  'metadata more': mutation(
    (place): place is Place => isObject(place.value) && 'connect_timeout' in place.value,
    ({ value }, choice, _, parts) => {
      const any = pick(
        parts.filter((part) => isObject(part) && '@type' in part),
        choice,
      ) as JsonObject;
      const type = { '@type': any['@type'] ?? null };
      const further: readonly Json[] = [type, {}, { ...type, nonsense: 1 }, { nonsense: 1 }, STRUCT, OTHER, null, 'x'];
      const more = choice % 3 === 0 ? cloneJson(any) : (further[choice % further.length] ?? null);
      (value as JsonObject).metadata = { typed_filter_metadata: { more } };
    },
  ),
  'protocol options more': mutation(
    (place): place is Place => isObject(place.value) && 'connect_timeout' in place.value,
    ({ value }, choice) => {
      const key = pick(OPTIONS_KEYS, choice) ?? '';
      const options = pick<Json>(
        [STRUCT, {}, OTHER, EMPTY, { '@type': `type.googleapis.com/${OPTIONS_KEYS[0]}` }],
        choice >> 4,
      );
      (value as JsonObject).typed_extension_protocol_options = { [key]: options ?? null };
    },
  ),
  'an empty extension': mutation(
    (place): place is Place => isObject(place.value) && '@type' in place.value && Object.keys(place.value).length > 1,
    (place) => put(place, { '@type': (place.value as JsonObject)['@type'] ?? null }),
  ),
  'another domain': mutation(
    hasName(/^domains$/),
    replaceBy('*', '', '**', 'a*b', '*.a.*', 'A.example.test', 'a.*', '*a', 'x:80', ' '),
  ),
  'another format': mutation(
    hasText(/%/),
    replaceBy(
      '%',
      '%NONSENSE%',
      '%REQ(',
      '%REQ()%',
      '%START_TIME(%Y)%',
      '%RESPONSE_CODE',
      '%%',
      '%REQ(:path):x%',
      '%FILTER_STATE(a)%',
      '%DYNAMIC_METADATA(a:b)%',
    ),
  ),
  'another text': mutation(
    (place): place is Place => typeof place.value === 'string' && place.key !== '@type',
    replaceBy('x'.repeat(300), 'x'.repeat(20_000), 'a\u0000b', 'é', ' ', 'a b', 'a,b', '\n', '0', 'true', '${x}', '"'),
  ),
};

/** Damage as fast-check makes it: numbers, which mean something once they meet a configuration. */
export interface ChosenMutation {
  readonly kind: string;
  readonly at: number;
  readonly choice: number;
}

/** A damaged copy. `parts` are the objects of all valid configurations, from which it takes foreign matter. */
export function mutate(config: Json, mutations: readonly ChosenMutation[], parts: readonly Json[]): Json {
  const result = cloneJson(config);
  for (const { kind, at, choice } of mutations) {
    const { fits, apply } = MUTATIONS[kind] as Mutation;
    const all = places(result);
    const place = pick(all.filter(fits), at);
    if (place !== undefined) {
      apply(place, choice, all, parts);
    }
  }
  return result;
}
