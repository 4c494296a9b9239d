/** The candidate that was probably meant, as the end of a message: ` (did you mean 'name'?)`, or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const best = nearest(word, candidates);
  return best === undefined ? '' : ` (did you mean '${best}'?)`;
}

/** The candidate that differs the least, if it differs in no more than a third of the word; or one that begins with it. */
export function nearest(word: string, candidates: Iterable<string>, limit = 6): string | undefined {
  const plain = plainly(word);
  let most = Math.min(limit, Math.max(1, Math.floor(plain.length / 3)));
  let best: string | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(plain, plainly(candidate), most);
    if (distance < most || (distance === most && best === undefined)) {
      best = candidate;
      most = distance;
    }
  }
  return best ?? (plain.length < 3 ? undefined : [...candidates].find((one) => plainly(one).startsWith(plain)));
}

/** `connectTimeout`, `connect-timeout` and `CONNECT_TIMEOUT` are one word to whoever writes them. */
const plainly = (word: string) => word.slice(0, 200).toLowerCase().replace(/[-_ ]/g, '');

/** How many letters have to be put in, taken out, changed or swapped with the next; beyond `most`, anything above it. */
function editDistance(one: string, other: string, most: number): number {
  if (Math.abs(one.length - other.length) > most) {
    return most + 1;
  }
  let same = 0;
  while (same < one.length && one[same] === other[same]) {
    same += 1;
  }
  // Names of types share a long beginning, which needs no looking at.
  const from = one.slice(same);
  const to = other.slice(same);
  let before: number[] = [];
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    // Further than `most` from the diagonal, everything costs more than that.
    const here: number[] = [row];
    let least = row;
    for (let column = Math.max(1, row - most); column <= Math.min(to.length, row + most); column += 1) {
      const change = from[row - 1] === to[column - 1] ? 0 : 1;
      let cost = Math.min(number(above[column]) + 1, number(here[column - 1]) + 1, number(above[column - 1]) + change);
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        cost = Math.min(cost, number(before[column - 2]) + 1);
      }
      here[column] = cost;
      least = Math.min(least, cost);
    }
    if (least > most) {
      return most + 1;
    }
    before = above;
    above = here;
  }
  return number(above[to.length]);
}

const number = (cost: number | undefined) => cost ?? Number.POSITIVE_INFINITY;
