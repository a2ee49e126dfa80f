import type { BATCHES_ENGLISH } from './batches.en.js';

/** The texts of the pages about invitation calls, in German. */
export const BATCHES_GERMAN: Readonly<Record<keyof typeof BATCHES_ENGLISH, string>> = {
  'batches.title': 'Mein Team',
  'batch.title': '{{count}} Adressen',
  'staff.batches': 'Sammelversand',
  'batches.call': 'Gesendet',
  'batches.by': 'Von',
  'batches.invited': 'Eingeladen',
  'batches.accepted': 'Angenommen',
  'batches.open': 'Offen',
  'batches.mails': 'E-Mails',
  'batches.addresses': '{{count}} Adressen',
  'batches.none': 'Niemand hat mehrere Personen auf einmal eingeladen',
  'batches.noneText':
    'Laden Sie mehrere Adressen auf einmal ein: Hier sehen Sie dann, wie weit sie sind, und können es rückgängig machen.',
  'batches.state.running': 'Läuft',
  'batches.state.stopped': 'Vorzeitig beendet',
  'batches.state.failed': '{{count}} fehlgeschlagen',
  'batches.state.waiting': '{{count}} warten',
  'batches.state.sent': 'Fertig',
  'batches.follow': 'Diesen Versand verfolgen',
  'batches.progress': 'Fortschritt',
  'batches.stored': 'Gespeicherte Einladungen',
  'batches.mailed': 'Gesendete oder aufgegebene E-Mails',
  'batches.stopped':
    'Dieser Versand endete vorzeitig, darum haben einige Adressen keine Einladung. Senden Sie alle Adressen noch einmal: Niemand wird doppelt eingeladen.',
  'batches.failed': '{{#if one}}1 E-Mail konnte{{else}}{{count}} E-Mails konnten{{/if}} nicht zugestellt werden.',
  'batches.download': 'Fehlgeschlagene Adressen herunterladen',
  'batches.answers': 'Antworten',
  'batches.theCall': 'Adressen',
  'batches.named': 'In diesem Versand',
  'batches.notReached': 'Nicht erreicht',
  'batches.left.already-pending': 'Schon vorher eingeladen',
  'batches.left.already-member': 'Schon vorher im Team',
  'batches.left.invalid-email': 'Keine Adresse',
  'batches.left.duplicate-in-request': 'Doppelt genannt',
  'batches.left.not-allowed': 'Ohne Berechtigung',
  'batches.undoTitle': 'Diesen Versand rückgängig machen',
  'batches.undoSure': 'Diesen Versand rückgängig machen?',
  'batches.undoText':
    '{{#if one}}1 Einladung ist{{else}}{{count}} Einladungen sind{{/if}} noch nicht beantwortet. Sie {{#if one}}wird{{else}}werden{{/if}} zurückgezogen: Die Links in den E-Mails funktionieren sofort nicht mehr. Wer angenommen hat, behält die Rolle.',
  'batches.undo': 'Offene Einladungen zurückziehen',
  'staff.done.undone':
    'Alle offenen Einladungen dieses Versands sind zurückgezogen. Ihre Links funktionieren nicht mehr.',
};
