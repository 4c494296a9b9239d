import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** A key of an identity provider, with its public half as the provider publishes it. */
export interface SigningKey {
  readonly alg: 'RS256' | 'ES256' | 'EdDSA';
  readonly kid: string;
  readonly key: KeyObject;
  readonly jwk: object;
  readonly pem: string;
}

export function signingKey(alg: SigningKey['alg'], kid: string = alg): SigningKey {
  const { privateKey: key, publicKey } =
    alg === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : alg === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('ed25519');
  const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
  return { alg, kid, key, pem, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } };
}

export function keySet(...keys: readonly SigningKey[]): string {
  return JSON.stringify({ keys: keys.map(({ jwk }) => jwk) });
}

export const now = () => Math.floor(Date.now() / 1000);

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Returns a token with these claims, valid for five minutes by default. */
export function token(by: SigningKey, claims: object = {}, header: object = {}): string {
  const text = `${part({ alg: by.alg, kid: by.kid, typ: 'JWT', ...header })}.${part({ exp: now() + 300, ...claims })}`;
  const hash = by.alg === 'EdDSA' ? null : 'sha256';
  return `${text}.${sign(hash, Buffer.from(text), { key: by.key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

/** Returns a token with `alg: none`. */
export function unsigned(claims: object): string {
  return `${part({ alg: 'none', typ: 'JWT' })}.${part({ exp: now() + 300, ...claims })}.`;
}

/** Returns a token signed with HS256, with the text of the public key as secret. */
export function signedByPublicKey(by: SigningKey, secret: string | Buffer, claims: object): string {
  const text = `${part({ alg: 'HS256', kid: by.kid, typ: 'JWT' })}.${part({ exp: now() + 300, ...claims })}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}
