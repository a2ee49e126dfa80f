/** The name of a stream: `<category>-<uuid>`. */
export const StreamId = {
  of(category: string, uuid: string): string {
    return `${category}-${uuid}`;
  },

  /** Everything before the first hyphen, and behind it. A name without a hyphen is not one of the product: its category is empty. */
  parse(stream: string): { category: string; uuid: string } {
    const hyphen = stream.indexOf('-');
    return { category: stream.slice(0, Math.max(0, hyphen)), uuid: stream.slice(hyphen + 1) };
  },
};
