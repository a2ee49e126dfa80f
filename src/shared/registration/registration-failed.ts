/** The declarations of the modules don't fit together. This is a mistake in the code, which the start finds. */
export class RegistrationFailed extends Error {
  override readonly name = 'RegistrationFailed';
}

/**
 * @param what names the kind, as in `problem code`
 * @throws RegistrationFailed that names what is declared twice
 */
export function mustBeDistinct(what: string, names: readonly string[]): void {
  const twice = names.find((name, n) => names.indexOf(name) < n);
  if (twice !== undefined) throw new RegistrationFailed(`the ${what} ${twice} is declared twice`);
}
