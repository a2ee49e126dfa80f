/** Excludes a host (`//`), and characters that browsers drop or read as a slash. */
const LOCAL = /^\/(?!\/)[\w\-./?=&%]*$/;

/** The path to open after signing in: the given one, or the start page if it may lead to another site. */
export function localPath(next: string): string {
  return LOCAL.test(next) && !next.includes('//') ? next : '/';
}
