/** Excludes a host (`//`) and anything that browsers drop or read as a slash. */
const LOCAL = /^\/(?!\/)[\w\-./?=&%]*$/;

/** Where to go after signing in: a path of ours, or the start page when the given one may lead elsewhere. */
export function localPath(next: string): string {
  return LOCAL.test(next) && !next.includes('//') ? next : '/';
}
