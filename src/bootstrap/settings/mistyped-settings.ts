/** Shorter names are too often one letter away from another name. */
const MIN_LENGTH = 6;

/** Returns names of the environment that are no setting but one edit away from a setting, each with that setting. */
export function mistypedSettings(
  names: readonly string[],
  settings: readonly string[],
): [name: string, meant: string][] {
  const known = new Set(settings);
  return names.flatMap((name): [string, string][] => {
    if (name.length < MIN_LENGTH || known.has(name)) return [];
    const meant = settings.find((setting) => isOneEditAway(name, setting));
    return meant === undefined ? [] : [[name, meant]];
  });
}

/** Tells whether the names differ by one added, missing or exchanged letter, or by two swapped neighbours. */
function isOneEditAway(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  if (long.length - short.length > 1) return false;
  let at = 0;
  while (at < short.length && short[at] === long[at]) at += 1;
  if (short.length < long.length) return short.slice(at) === long.slice(at + 1);
  const isExchanged = short.slice(at + 1) === long.slice(at + 1);
  const isSwapped =
    short[at] === long[at + 1] && short[at + 1] === long[at] && short.slice(at + 2) === long.slice(at + 2);
  return isExchanged || isSwapped;
}
