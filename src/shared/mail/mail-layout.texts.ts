import type { Locale, Texts } from './texts.js';

/** The texts of every mail. */
export const LAYOUT_TEXTS: Readonly<Record<Locale, Texts>> = {
  en: {
    linkAsText: 'If the button does not work, copy this address into your browser:',
    footer: 'Rolecall sent this automatically. Replies to this address are not read.',
  },
  de: {
    linkAsText: 'Falls die Schaltfläche nicht funktioniert, kopieren Sie diese Adresse in Ihren Browser:',
    footer:
      'Diese Nachricht wurde automatisch von Rolecall verschickt. Antworten an diese Adresse werden nicht gelesen.',
  },
};
