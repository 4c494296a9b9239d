/** The regular expression of the whole numbers from 0 to this one, without leading zeros. */
export function numbersUpTo(most: number): string {
  const digits = String(most);
  const shorter = digits.length > 1 ? [repeat(digits.length - 1, 1)] : [];
  const lower = [...digits].flatMap((digit, place) => {
    const least = place === 0 && digits.length > 1 ? 1 : 0;
    const below = Number(digit) - 1;
    return below < least ? [] : [`${digits.slice(0, place)}[${least}-${below}]${repeat(digits.length - place - 1)}`];
  });
  return [...shorter, ...lower, digits].join('|');
}

function repeat(most: number, least = most): string {
  return most === 0 ? '' : `[0-9]{${least === most ? most : `${least},${most}`}}`;
}
