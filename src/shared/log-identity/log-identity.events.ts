/** The one event of the stream that says which log this is. */
export interface LogIdentityFacts {
  LogOpened: { logId: string };
}
