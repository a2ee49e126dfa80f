/** The field that says for whose account a form was drawn: a personId. */
export const DRAWN_FOR = 'drawnFor';

/** The start of each form that writes. Data can't look like one, because pages escape it. */
const FORM = /<form\b[^>]*\smethod="post"[^>]*>/g;

/** Writes into each form of a page for whose account it was drawn, so that it never acts for another one. */
export function drawnFor(personId: string, html: string): string {
  return html.replaceAll(FORM, (form) => `${form}<input type="hidden" name="${DRAWN_FOR}" value="${personId}">`);
}
