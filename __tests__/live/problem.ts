import type { Answer } from './http';

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Checks a problem document of Envoy and returns its fields and its request id. */
export function problemOf({ headers, body }: Pick<Answer, 'headers' | 'body'>) {
  expect(headers['content-type']).toBe('application/problem+json');
  const { request_id: id, type, ...problem } = JSON.parse(body);
  expect(type).toBe('about:blank');
  expect(id).toMatch(ID);
  return { id: id as string, problem };
}
