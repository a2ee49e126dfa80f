/** Not a host (`//`), and nothing that browsers drop or read as a slash. */
const LOCAL = /^\/(?!\/)[\w\-./?=&%]*$/;

/** Where to go after signing in: a path of ours, or the start page for anything that may lead elsewhere. */
export function localPath(next: string): string {
  return LOCAL.test(next) && !next.includes('//') ? next : '/';
}
