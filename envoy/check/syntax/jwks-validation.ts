import { isRecord } from '../../messages/is-record';
import { quoteNames } from '../message-reader';

interface JwksProblem {
  readonly isRejected: boolean;
  readonly message: string;
}

type Key = Readonly<Record<string, unknown>>;

const REMEDY = 'write the key set as your identity provider publishes it: {"keys": [...]}';

/**
 * What is wrong with a JSON Web Key Set. Envoy refuses a set without a key that it can use, and skips such keys beside
 * others. No key is shown: a symmetric one is a secret.
 */
export function checkJwks(text: string): readonly JwksProblem[] {
  const refuse = (message: string) => [{ isRejected: true, message: `${message}; ${REMEDY}` }];
  let set: unknown;
  try {
    set = JSON.parse(text);
  } catch {
    const pem = text.trimStart().startsWith('-----BEGIN');
    return refuse(pem ? 'is PEM, and Envoy reads JSON here' : 'is no JSON');
  }
  if (!isRecord(set)) {
    return refuse('is no JSON object');
  }
  if (!Array.isArray(set.keys)) {
    return refuse(set.keys === undefined ? "has no 'keys'" : "has 'keys' that are no list");
  }
  const keys: readonly unknown[] = set.keys;
  const faults = keys.map(checkKey);
  if (faults.every((fault) => fault !== undefined)) {
    return refuse(faults.length === 0 ? 'has no key' : `has no key that Envoy can use: the first ${faults[0]}`);
  }
  return faults.flatMap((fault, index) =>
    fault === undefined
      ? []
      : [{ isRejected: false, message: `has a key that Envoy skips: number ${index + 1} ${fault}; mend or remove it` }],
  );
}

const REQUIRED_PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  RSA: ['n', 'e'],
  EC: ['x', 'y'],
  oct: ['k'],
  OKP: ['crv', 'x'],
};
const ALGORITHMS: Readonly<Record<string, RegExp>> = {
  RSA: /^[RP]S(256|384|512)$/,
  EC: /^ES(256|384|512)$/,
  oct: /^HS(256|384|512)$/,
  OKP: /^EdDSA$/,
};

function checkKey(key: unknown): string | undefined {
  if (!isRecord(key)) {
    return 'is no JSON object';
  }
  const { kty, alg } = key;
  const fields =
    typeof kty === 'string' && Object.hasOwn(REQUIRED_PARAMETERS, kty) ? REQUIRED_PARAMETERS[kty] : undefined;
  if (typeof kty !== 'string' || fields === undefined) {
    return kty === undefined
      ? "has no 'kty'"
      : `has the kty ${JSON.stringify(kty)}, not one of ${quoteNames(Object.keys(REQUIRED_PARAMETERS))}`;
  }
  const missing = fields.find((field) => typeof key[field] !== 'string' || key[field] === '');
  if (missing !== undefined) {
    return `has no '${missing}'`;
  }
  if (typeof alg === 'string' && alg !== '' && !ALGORITHMS[kty]?.test(alg)) {
    return `has the alg '${alg}', which does not go with the kty '${kty}'`;
  }
  const curve = checkCurve(kty, key);
  if (curve !== undefined) {
    return curve;
  }
  const odd = fields.find((field) => field !== 'crv' && decodedLength(String(key[field])) === undefined);
  if (odd !== undefined) {
    return `has an '${odd}' that is no base64url`;
  }
  if (kty === 'RSA' && (decodedLength(String(key.n)) ?? 0) < 64) {
    return "has an 'n' of less than 512 bits";
  }
  return kty === 'OKP' && decodedLength(String(key.x)) !== 32 ? "has an 'x' that is not of 32 bytes" : undefined;
}

/** The bytes that base64url stands for; nothing if it is none. */
function decodedLength(text: string): number | undefined {
  const digits = text.replace(/={1,2}$/, '');
  return /^[A-Za-z0-9_-]+$/.test(digits) && digits.length % 4 !== 1 ? Math.floor((digits.length * 3) / 4) : undefined;
}

/** The algorithm of each curve; P-256 where none is named. */
const CURVES: Readonly<Record<string, string>> = { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' };

function checkCurve(kty: string, { crv, alg }: Key): string | undefined {
  if (kty === 'OKP') {
    return crv === 'Ed25519' ? undefined : `has the crv ${JSON.stringify(crv)}, not 'Ed25519'`;
  }
  if (kty !== 'EC' || typeof crv !== 'string') {
    return undefined;
  }
  const expected = Object.hasOwn(CURVES, crv) ? CURVES[crv] : undefined;
  if (expected === undefined) {
    return `has the crv '${crv}', not one of ${quoteNames(Object.keys(CURVES))}`;
  }
  return typeof alg === 'string' && alg !== '' && alg !== expected
    ? `has the alg '${alg}', and its crv '${crv}' goes with '${expected}'`
    : undefined;
}
