import type { Locale } from '../../../shared/mail/texts.js';
import type { Pages } from '../pages.js';

/** Permissions in the visitor's language. The past may have some that this version has no text for. */
export function permissionLabels(pages: Pages, permissions: readonly string[], locale: Locale): string[] {
  return permissions.map((permission) => pages.text(locale, `permission.${permission}`) ?? permission);
}
