/** The stream of a person's own choices. */
export function personStream(personId: string): string {
  return `person-${personId}`;
}
