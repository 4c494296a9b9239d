import type { Completed, TextForm } from './units';
import { invalidOption } from './validate';

const SECONDS = { s: 1, min: 60, hour: 3_600, day: 86_400 } as const;
type Unit = keyof typeof SECONDS;
const UNITS = Object.keys(SECONDS) as Unit[];

/** Requests in a time: `'10/s'`, `'100/min'`, `'1000/hour'`, `'5000/day'`. */
export type Rate = '10/s' | '60/min' | '1000/hour' | '10000/day' | (`${number}/${Unit}` & Completed);

export const RATE_FORM: TextForm = {
  description: 'requests in a time (s, min, hour or day)',
  remedy: "write for example '100/min'",
};

/** A full bucket, and how long an empty one takes to be full again. */
export interface Bucket {
  readonly tokens: number;
  readonly seconds: number;
}

export function parseRate(path: string, rate: Rate): Bucket {
  const [, count = '', unit = ''] = /^(\d+(?:\.\d+)?)\/(s|min|hour|day)$/.exec(rate) ?? [];
  if (unit === '') {
    invalidOption(path, `must be ${RATE_FORM.description}`, rate, RATE_FORM.remedy);
  }
  const tokens = Number(count);
  const seconds = SECONDS[unit as Unit];
  if (!Number.isInteger(tokens)) {
    invalidOption(path, 'must be a whole number of requests', rate, whole(tokens / seconds));
  }
  if (tokens < 1 || tokens > 1_000_000_000) {
    invalidOption(path, 'must be from 1 to 1000000000 requests', rate, 'use false for no limit');
  }
  return { tokens, seconds };
}

/** The same rate in a unit that has a whole number of it. */
function whole(perSecond: number): string {
  const tokens = (unit: Unit) => Math.round(perSecond * SECONDS[unit] * 1e6) / 1e6;
  const unit = UNITS.find((each) => Number.isInteger(tokens(each)) && tokens(each) > 0);
  return unit === undefined ? RATE_FORM.remedy : `write '${tokens(unit)}/${unit}'`;
}
