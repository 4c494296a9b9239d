/** The minors of Envoy that the model covers, oldest first: a new one is a line here, then `npm run envoy-api`. */
export const versions = [
  { minor: '1.37', module: 'v1.37.0', wheel: '1.37.0' },
  { minor: '1.38', module: 'v1.38.0', wheel: '1.38.3' },
  { minor: '1.39', module: 'v1.39.0', wheel: '1.39.3' },
  { minor: '1.40', module: 'v1.40.0', wheel: '1.40.0' },
] as const;

export type Version = (typeof versions)[number];

/** The Rust crate that carries Envoy's .proto files with their comments; go-control-plane has none. */
export const commentsCrate = { name: 'envoy-types', version: '0.7.7' } as const;
