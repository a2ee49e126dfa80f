import type { LeftOutColumn } from './email-columns.js';
import { readContactFile } from './read-contact-file.js';
import { entriesOf, inChunks, read } from '../../../../../test/support/contact-file/contact-file-support.js';

const A = 'ada@clinic.example';
const B = 'bob@clinic.example';

describe('the columns of a contact file', () => {
  it.each([
    'E-mail',
    'Email',
    'EMAIL',
    'eMail',
    'E-Mail-Adresse',
    'E Mail',
    'e_mail',
    'E-mail Address',
    'Email address (work)',
    'Work Email',
    'workEmail',
    'user_email',
    'Emailadresse',
    'Adresse e-mail',
    'Adresse électronique (courriel)',
    'Courriel',
    'Adresse de messagerie',
    'Mail',
    'Mails',
    'Mailadresse',
    'Correo electrónico',
    'Indirizzo e-mail',
    'E-mailadres',
    'E-postadress',
    'Sähköposti',
    'E-mail 1 - Value',
    'E‑Mail',
    ' e-mail ',
    '"E-mail"',
  ])('include %s as one of addresses', async (title) => {
    expect(await read(`Name,Team,${title}\nAda,boss@clinic.example,${A}\n`)).toEqual([`2 ${A}`]);
  });

  it.each([
    'Mailing Street',
    'Voicemail',
    'E-mail Type',
    'E-mail Display Name',
    'E-mail 1 - Label',
    'E-Mail: Angezeigter Name',
    'Mailbox number',
    'Type de messagerie',
    'Email',
  ])('give the addresses of E-mail Address, and not of %s beside it', async (title) => {
    expect(await read(`${title},E-mail Address\nSMTP,${A}\n,\nSMTP,\n`)).toEqual([
      `2 ${A}`,
      expect.stringMatching(/^4 no-address: SMTP,?$/),
    ]);
  });

  it.each([
    'Mailing Street',
    'Voicemail',
    'Mailbox number',
    'E-mail Type',
    'E-mail Display Name',
    'E-mail 1 - Label',
    'E-Mail: Angezeigter Name',
    'Type de messagerie',
  ])('do not include %s as one of addresses', async (title) => {
    expect(await read(`Name,${title},Contact\nAda,x,${A}\n`)).toEqual([`2 ${A}`]);
  });

  it('without such a header start with the first one that holds an address', async () => {
    expect(await read(`Who,Where\n${A},Ward 1\n`)).toEqual([`2 ${A}`]);
    expect(
      await read(`Who,Boss\nAda,boss@clinic.example\n${A},boss@clinic.example\nBob,boss@clinic.example\n`),
    ).toEqual(['2 no-address: Ada', `3 ${A}`, '3 boss@clinic.example', '4 no-address: Bob']);
    expect(await read(`Ada,${A},x\nBob,${B},x\n`)).toEqual([`1 ${A}`, `2 ${B}`]);
    expect(await read(`Who,Contact,Boss\nAda,${A},boss@clinic.example\nBob,,boss@clinic.example\n`)).toEqual([
      `2 ${A}`,
      '3 no-address: Bob,,boss@clinic.example',
    ]);
  });

  it('do not exist in a line of only addresses, which is a list', async () => {
    expect(await read(`${A}; ${B}; c@clinic.example`)).toEqual([`1 ${A}`, `1 ${B}`, '1 c@clinic.example']);
    expect(await read(`${A},${B}\nc@clinic.example\n`)).toEqual([`1 ${A}`, `1 ${B}`, '2 c@clinic.example']);
    expect(await read(`Ada <${A}>, "Bob" <${B}>,`)).toEqual([`1 ${A}`, `1 ${B}`]);
  });

  it('may be fewer or more in a row than in the header', async () => {
    expect(await read(`Name;E-mail;Team\nAda;${A}\nBob;${B};x;y;z\nCleo\n`)).toEqual([
      `2 ${A}`,
      `3 ${B}`,
      '4 no-address: Cleo',
    ]);
    expect(await read(`Email\n${A},Cardiology\n"${B}",Oncology\n`)).toEqual([`2 ${A}`, `3 ${B}`]);
  });

  it('are separated by the character that is rarest in text', async () => {
    expect(await read(`${A};Ward 1, east\nnobody;Ward 2, west\n`)).toEqual([`1 ${A}`, '2 no-address: nobody']);
    expect(await read(`${A}\tWard 1; east\nnobody\tWard 2; west\n`)).toEqual([`1 ${A}`, '2 no-address: nobody']);
  });

  it('are separated by | if every row has it', async () => {
    expect(await read(`Name|E-mail|Team\nByron, Ada|${A}|Ward 1; east\n\nBob|"${B}"|\n`)).toEqual([`2 ${A}`, `4 ${B}`]);
    expect(await read(`${A}|Ward 1, east\n${B}|Ward 2, west\n`)).toEqual([`1 ${A}`, `2 ${B}`]);
    expect(await read(`| Name | E-mail |\n| Ada | ${A} |\n`)).toEqual([`2 ${A}`]);
    const long = `Name|E-mail\n${'x'.repeat(3000)}|${A}\n`;
    expect(await read(long + long.split('\n')[1]!.concat('\n').repeat(11))).toEqual(
      Array.from({ length: 12 }, (_, n) => `${String(n + 2)} ${A}`),
    );
  });

  it('are not separated by | if a row lacks it, because it then belongs to a text', async () => {
    expect(await read(`Name,E-mail\nAda | Ward 1,${A}\nBob | Ward 2,${B}\n`)).toEqual([`2 ${A}`, `3 ${B}`]);
    expect(await read(`E-Mail;Tags\n${A};one|two|three\n${B};one|two|three\n`)).toEqual([`2 ${A}`, `3 ${B}`]);
    expect(await read(`Ada | Ward 1 <${A}>\n${B}\n`)).toEqual([`1 ${A}`, `2 ${B}`]);
  });

  it("are separated by what Excel's own first line names", async () => {
    expect(await read(`sep=;\nName, first;E-mail\nAda, B;${A}\n`)).toEqual([`3 ${A}`]);
  });
});

describe('columns of other people', () => {
  const OTHER = 'other@clinic.example';
  const leftOutOf = async (text: string): Promise<[string[], unknown]> => {
    const leftOut: LeftOutColumn[] = [];
    const found: string[] = [];
    for await (const entry of readContactFile(inChunks(Buffer.from(text)), leftOut))
      found.push('email' in entry ? entry.email : entry.reason);
    return [found, leftOut];
  };

  it.each([
    "Manager's Email",
    'Manager Email',
    'managerEmail',
    'manager_email',
    'MANAGER E-MAIL',
    'Managers',
    "Manager's Name/Email",
    'Supervisor E-mail',
    'Case manager',
    "Assistant's E-mail",
    'Assistant',
    'Executive Assistant Email',
    'Emergency contact',
    'Emergency Contact E-mail',
    'Emergency e-mail',
    'Recovery email',
    'Recovery Email',
    'Account recovery e-mail address',
    'E-Mail des Vorgesetzten',
    'Vorgesetzte',
    'Führungskraft E-Mail',
    'Assistenz-E-Mail',
    'E-Mail der Assistentin',
    'Notfallkontakt',
    'Notfall-E-Mail',
    'Notfallkontakt E-Mail',
    'Wiederherstellungs-E-Mail',
    'E-Mail zur Wiederherstellung',
    'E-mail du supérieur',
    "Contact d'urgence",
    'Adresse e-mail de récupération',
    'Correo de recuperación',
    'Contacto de emergencia',
  ])('%s are left out and reported', async (title) => {
    const said = [{ column: 2, title }];
    expect(await leftOutOf(`Name,${title},E-mail\nAda,${OTHER},${A}\nBob,${OTHER},\n`)).toEqual([
      [A, 'no-address'],
      said,
    ]);
    // The same holds without a header of addresses, and in a file without other addresses.
    expect(await leftOutOf(`Contact,${title}\nAda,${OTHER}\n${A},${OTHER}\n`)).toEqual([['no-address', A], said]);
    expect(await leftOutOf(`Name,${title}\nAda,${OTHER}\n`)).toEqual([['no-address'], said]);
  });

  it('are not reported if they hold no address', async () => {
    expect(await leftOutOf(`Name,Manager,Assistant's Phone,E-mail\nAda,Bob,123,${A}\n`)).toEqual([[A], []]);
  });

  it.each(['Management e-mail', 'E-mail', 'Contact', 'Work Email', 'Secondary email', 'E-Mail (Notiz)'])(
    'do not include %s',
    async (title) => {
      expect(await leftOutOf(`${title},Team\n${A},Ward 1\n`)).toEqual([[A], []]);
    },
  );

  it('are read if the file holds no other column', async () => {
    expect(await leftOutOf(`Managers\n${A}\n`)).toEqual([[A], []]);
    expect(await leftOutOf(`Manager Name,Manager Email,\nAda,${A},\n`)).toEqual([[A], []]);
  });
});

describe('the addresses of a cell', () => {
  it.each([
    [`Ada <${A}>`, [A]],
    [`"Byron, Ada" <${A}>`, [A]],
    [`Byron, Ada <${A}>`, [A]],
    [`'Ada' <${A}>; Bob <${B}>`, [A, B]],
    [`${A} <${A}>`, [A]],
    [`<${A}>`, [A]],
    [`mailto:${A}`, [A]],
    [`'${A}'`, [A]],
    [`(${A})`, [A]],
    [`\u200B${A}\u00A0`, [A]],
    [`${A}, ${B}`, [A, B]],
    [`${A} ${B}`, [A, B]],
    [`${A} ::: ${B}`, [A, B]],
    [`${A};nobody`, [A]],
    [`john ${A}`, [A]],
    [`Ada\u3000${A}`, [A]],
    [`Ada\u2003Byron\u00a0${A}`, [A]],
    [`Ada ${A}; Bob\u3000${B}`, [A, B]],
    [`Ada (${A})`, [A]],
    [`Ada (${A}), Bob (${B})`, [A, B]],
    [`\u201c${A}\u201d`, [A]],
    [`Ada\u200b${A}`, []],
    [`${A} Ada`, []],
    [`ask ${A} or ${B}`, []],
    [`"ada"@clinic.example`, []],
    [`${A}${B}`, []],
    ['@', []],
    ['@@', []],
    ['a@', []],
    ['<@>', []],
  ])('are found in %s', async (cell, addresses) => {
    const found = await entriesOf(`Contact\n${cell}\n`);
    expect(found.flatMap((entry) => ('reason' in entry ? [] : [entry.email]))).toEqual(addresses);
    expect(found.length).toBe(Math.max(1, addresses.length));
  });

  it('are compared in one form and shown as written', async () => {
    expect(await entriesOf('JÜRGEN@Köln.example')).toEqual([
      { line: 1, email: 'JÜRGEN@Köln.example', address: 'jürgen@xn--kln-sna.example' },
    ]);
  });
});

describe('a row that gave no address', () => {
  it('is reported with the line where it starts, also after quoted line breaks and blank lines', async () => {
    const file = `Name,Notes,E-mail\r\n\r\nAda,"one\r\ntwo\r\n\r\nthree",${A}\r\n"Bob\r\nB",x,\r\n  \r\nCleo,x,none\r\n`;
    expect(await read(file)).toEqual([`3 ${A}`, '7 no-address: "Bob\nB",x,', '10 no-address: none']);
  });

  it('is shortened to 200 characters, and never inside a character', async () => {
    const [entry] = await entriesOf(`E-mail\n${'\u{1F600}'.repeat(300)}\n`);
    expect(entry).toMatchObject({ reason: 'no-address' });
    const { text } = entry as { text: string };
    expect(text.length).toBeLessThanOrEqual(200);
    expect(text.isWellFormed()).toBe(true);
    expect(text.endsWith('\u{1F600}…')).toBe(true);
  });

  it('is not reported if it is blank', async () => {
    expect(await read(`Name,E-mail\n,\n  ,\t\n\n,,,,\nAda,${A}\n`)).toEqual([`6 ${A}`]);
    expect(await read('\n\n')).toEqual([]);
    expect(await read('\uFEFFE-mail')).toEqual([]);
  });
});

describe('quotation marks that do not match', () => {
  it('are ignored, so that no row is lost', async () => {
    const file = `Name,E-mail\n"Ada,${A}\nBob,${B}\n"Cleo",cleo@clinic.example\nDora,dora@clinic.example\n`;
    expect(await read(file)).toEqual([`2 ${A}`, `3 ${B}`, '4 cleo@clinic.example', '5 dora@clinic.example']);
  });

  it('are ignored at the end of a file too', async () => {
    expect(await read(`Name,E-mail\nAda,${A}\n"Bob,${B}\n\nCleo,x\n`)).toEqual([
      `2 ${A}`,
      `3 ${B}`,
      '5 unreadable-row: Cleo,x',
    ]);
    expect(await read(`"${A}\n${B}`)).toEqual([`1 ${A}`, `2 ${B}`]);
  });

  it('belong to the text inside a cell', async () => {
    expect(await read(`Name,E-mail\nAda "Countess" B,${A}\n5" pipe,${B}\n"a" b "c",c@clinic.example\n`)).toEqual([
      `2 ${A}`,
      `3 ${B}`,
      '4 c@clinic.example',
    ]);
  });

  it('are distinguished from a quotation that opens a cell of several lines', async () => {
    expect(await read(`Name,E-mail,Notes\nAda,${A},"""Hi"" she said,\nthen left"\nBob,${B},\n`)).toEqual([
      `2 ${A}`,
      `4 ${B}`,
    ]);
  });
});

describe('the encoding', () => {
  const text = `Prénom;E-mail;Straße\nZoë;${A};”Größe” 5 €\n`;
  const windows = Buffer.from(text.replace(/”/g, '\x94').replace('€', '\x80'), 'latin1');

  it.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with its mark', Buffer.from(`\uFEFF${text}`)],
    ['UTF-16 LE', Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['UTF-16 LE without its mark', Buffer.from(text, 'utf16le')],
    ['UTF-16 BE', Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()],
    ['UTF-16 BE without its mark', Buffer.from(text, 'utf16le').swap16()],
    ['Windows-1252', windows],
    ['both in one file', Buffer.concat([Buffer.from(text), windows.subarray(windows.indexOf(10) + 1)])],
  ])('is recognised: %s', async (name, bytes) => {
    const noAddress = (line: number) => `${line} no-address: Zoë;;”Größe” 5 €`;
    const broken = Buffer.from(bytes.toString('latin1').replace(A, ''), 'latin1');
    for (const size of [1, 3, 1000]) {
      expect(await read(bytes, size)).toEqual([`2 ${A}`, ...(name.startsWith('both') ? [`3 ${A}`] : [])]);
      if (!name.startsWith('UTF-16')) expect((await read(broken, size))[0]).toBe(noAddress(2));
    }
  });

  it('is recognised by its byte order mark, which is no part of the first cell', async () => {
    const cyrillic = `\uFEFF"Имя; отчество";E-mail\n${'Аделаида Байрон'.repeat(300)};${A}\n`;
    for (const bytes of [
      Buffer.from(cyrillic),
      Buffer.from(cyrillic, 'utf16le'),
      Buffer.from(cyrillic, 'utf16le').swap16(),
    ])
      expect(await read(bytes)).toEqual([`2 ${A}`]);
  });

  it('of Windows-1252 keeps an internationalised address', async () => {
    expect(await read(Buffer.from('j\xFCrgen@k\xF6ln.example\r', 'latin1'))).toEqual(['1 jürgen@köln.example']);
  });
});
