/** What a person is called for readers who may not see who it is: the same everywhere, and says nothing about them. */
export function pseudonymOf(personId: string): string {
  return `P-${personId.slice(0, 8).toUpperCase()}`;
}
