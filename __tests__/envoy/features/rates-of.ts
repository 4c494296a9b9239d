/** What the limits of requests, of whichever kind, say to Envoy. */
export const percent = (numerator: number) => ({ default_value: { numerator, denominator: 'HUNDRED' } });

export const header = (key: string, value: string) => ({
  header: { key, value },
  append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
});

export const bucket = (tokens: number, interval: string) => ({
  max_tokens: tokens,
  tokens_per_fill: tokens,
  fill_interval: interval,
});

/** Of the filter that counts by itself, whatever else it is told. */
export const always = {
  '@type': 'type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit',
  filter_enabled: percent(100),
};

export const enforced = (retryAfter: string) => ({
  filter_enforced: percent(100),
  enable_x_ratelimit_headers: 'DRAFT_VERSION_03',
  response_headers_to_add: [header('retry-after', retryAfter)],
  rate_limited_as_resource_exhausted: true,
});

/** The issuer is always counted: without a default Envoy would leave out the whole descriptor. */
export const ISSUER = {
  metadata: {
    descriptor_key: 'issuer',
    metadata_key: { key: 'envoy.filters.http.jwt_authn', path: [{ key: 'claims' }, { key: 'iss' }] },
    default_value: 'none',
  },
};

const worked = (descriptor_key: string, text: string) => ({
  extension: {
    name: 'envoy.rate_limit_descriptors.expr',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.rate_limit_descriptors.expr.v3.Descriptor',
      descriptor_key,
      text,
    },
  },
});

export const named = (key: string, from: string) =>
  worked(
    key,
    `"${from}" in request.headers && size(bytes(request.headers["${from}"])) <= 256 ? request.headers["${from}"] : ""`,
  );

const CLAIMS = 'metadata.filter_metadata["envoy.filters.http.jwt_authn"]["claims"]';
const verified =
  '"envoy.filters.http.jwt_authn" in metadata.filter_metadata && "claims" in metadata.filter_metadata["envoy.filters.http.jwt_authn"]';
const short = (value: string) => `type(${value}) == string && size(bytes(${value})) <= 256 ? ${value} : ""`;

/** A claim, or nothing where it is missing, is no text or is longer than 256 bytes. */
export const SUB = worked('claim', `${verified} && "sub" in ${CLAIMS} && ${short(`${CLAIMS}["sub"]`)}`);
export const ORG_ID = worked(
  'claim',
  `${verified} && "org" in ${CLAIMS} && type(${CLAIMS}["org"]) == map && "id" in ${CLAIMS}["org"] && ${short(`${CLAIMS}["org"]["id"]`)}`,
);

/** Where there are several kinds: who shows another one is not one of those without this one. */
export const among = (shown: string, others: string) =>
  worked('identity', `${shown} || !(${others}) ? "counts" : {}["never"]`);

export const CLIENT = '"x-api-client" in request.headers';
export const USER = '"x-user-name" in request.headers';
