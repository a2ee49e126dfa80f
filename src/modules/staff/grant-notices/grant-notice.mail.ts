import type { MailTemplate } from '../../../shared/mail/mail-templates.js';

/** Tells an owner that somebody got a role that identifies patients or may grant, or that a custom role became one. */
export const grantNoticeMail: MailTemplate = {
  body: new URL('grant-notice.hbs', import.meta.url),
  texts: {
    en: {
      subject:
        '{{#if who}}{{who}} now has the role {{roleName}} at {{place}}{{else}}The role {{roleName}} at {{place}} may now do more{{/if}}',
      preheader:
        '{{#if seesIdentifiers}}The role shows who the patients are.{{else}}The role allows giving roles to others.{{/if}}',
      text: '{{#if who}}{{who}} has the role {{roleName}} at {{place}} from now on.{{else}}The role {{roleName}} was changed. The following applies to everybody who has it.{{/if}}',
      sees: 'People with this role see the names, e-mail addresses and dates of birth of patients.',
      grants: 'People with this role may invite others and give roles.',
      role: 'Role',
      where: 'Where',
      by: 'By',
      check: 'Did you not expect this? Then ask, and take the role away.',
      open: 'Sign in',
      why: 'You get this mail because you own {{organisationName}} and switched on notices about roles; you can switch them off again.',
    },
    de: {
      subject:
        '{{#if who}}{{who}} hat jetzt die Rolle {{roleName}} bei {{place}}{{else}}Die Rolle {{roleName}} bei {{place}} darf jetzt mehr{{/if}}',
      preheader:
        '{{#if seesIdentifiers}}Die Rolle zeigt, wer die Patienten sind.{{else}}Die Rolle erlaubt es, anderen Rollen zu geben.{{/if}}',
      text: '{{#if who}}{{who}} hat von jetzt an die Rolle {{roleName}} bei {{place}}.{{else}}Die Rolle {{roleName}} wurde geändert: Das Folgende gilt für alle, die sie haben.{{/if}}',
      sees: 'Wer diese Rolle hat, sieht Namen, E-Mail-Adressen und Geburtsdaten der Patienten.',
      grants: 'Wer diese Rolle hat, darf andere einladen und Rollen geben.',
      role: 'Rolle',
      where: 'Wo',
      by: 'Durch',
      check: 'Haben Sie das nicht erwartet? Dann fragen Sie nach, und nehmen Sie die Rolle wieder weg.',
      open: 'Anmelden',
      why: 'Sie erhalten diese Nachricht, weil {{organisationName}} Ihnen gehört und Sie Hinweise zu Rollen eingeschaltet haben; Sie können sie wieder ausschalten.',
    },
  },
};
