/**
 * Messages about a field of the input. Each continues the field's name: "limit must be a whole number from 1 to 200".
 * Every check takes its message from here. A module adds only the messages of its own rules.
 */
export const FIELD_MESSAGES = {
  required: 'is required',
  unknown: 'is unknown',

  text: 'must be text',
  oneLine: 'must be one line of text',
  noControlCharacters: 'must not contain control characters',
  filled: 'must not be blank',
  visible: 'must have a visible character',
  noLink: 'must not contain :// or www.',
  characters: (min: number, max: number) => `must have ${range(min, max)} characters`,
  printableAscii: (min: number, max: number) => `must have ${range(min, max)} printable ASCII characters`,

  oneOf: (values: readonly string[]) => `must be one of: ${values.join(', ')}`,
  wholeNumber: (min: number, max: number) => `must be a whole number from ${String(min)} to ${String(max)}`,
  boolean: 'must be true or false',
  uuid: 'must be a UUID',
  time: 'must be a time such as 2026-01-31T12:00:00Z',
  notLater: 'must not be later than now',
  notEarlier: (field: string) => `must not be earlier than ${field}`,
  onlyOneOf: (field: string) => `must not be given together with ${field}`,
  email: 'must be an e-mail address',
  httpsAddress: 'must be an https address without a user name',
  reference: 'must be an http or https address without a user name, or a reference',
  object: 'must be an object',

  list: 'must be a list',
  atLeast: (items: number) => `must have at least ${counted(items)}`,
  atMost: (items: number) => `must have at most ${counted(items)}`,
  eachOnce: 'must not repeat an item',
  each: (message: string) => `each item ${message}`,

  cursor: 'must be the nextCursor of a page of this list',
  cursorInOrder: 'must be the nextCursor of a page of this list in this order',
  eventPosition: 'must be an Event-Position of an earlier answer',

  notEmpty: 'must not be empty',
  oneFile: 'must be one file',
  onlyOnce: 'must be given once',
  cutShort: 'cannot be read: the form is cut short or has too many parts',
} as const;

/** Messages about the request as a whole, for problems of no single field. */
export const REQUEST_MESSAGES = {
  bodyNotAnObject: 'the body must be an object',
  bodyUnreadable: 'the body cannot be read',
  addressUnreadable: 'the address cannot be read',
  bodyOrAddressUnreadable: 'the body or the address cannot be read',
  unreadable: 'the request cannot be read',
  moreFields: (count: number) => `${String(count)} more fields are invalid`,
} as const;

function range(min: number, max: number): string {
  return min === 0 ? `at most ${String(max)}` : `${String(min)} to ${String(max)}`;
}

function counted(items: number): string {
  return items === 1 ? '1 item' : `${String(items)} items`;
}
