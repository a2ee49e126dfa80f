/**
 * The parts of a mail, as HTML and as plain text side by side. A template only calls these, so both forms always say
 * the same.
 * Styles are inline because mail programs drop the rest; classes are for the dark mode in layout.hbs.
 */
interface MailParts {
  /** `text`: the only h1. */
  heading: string;
  /** `text` */
  paragraph: string;
  /** `text`: an h2, for a mail of several steps. */
  step: string;
  /** `text`: set less prominently. */
  note: string;
  /** A block of `fact`s. */
  facts: string;
  /** `label`, `value` */
  fact: string;
  /** `from`, `text`: another person's words. Every line is marked, so that they can't pass for the product's. */
  message: string;
  /** `label`, `url`: the main action; the address is shown too. */
  button: string;
  /** `label`, `url`: another way beside the button. */
  link: string;
}

const FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

export const HTML_PARTS: Readonly<Record<keyof MailParts, string>> = {
  heading: `<h1 class="ink" style="margin:0 0 16px;${FONT};font-size:24px;line-height:1.3;font-weight:650;color:#14262a">{{text}}</h1>\n`,
  paragraph: `<p class="ink" style="margin:0 0 16px;${FONT};font-size:16px;line-height:1.55;color:#14262a">{{text}}</p>\n`,
  step: `<h2 class="ink" style="margin:24px 0 8px;${FONT};font-size:18px;line-height:1.4;font-weight:650;color:#14262a">{{text}}</h2>\n`,
  note: `<p class="quiet" style="margin:0 0 12px;${FONT};font-size:14px;line-height:1.55;color:#4c5f63">{{text}}</p>\n`,
  facts: '<dl style="margin:0 0 24px;padding:0">\n{{> @partial-block}}</dl>\n',
  fact: `<dt class="quiet" style="margin:0;${FONT};font-size:14px;line-height:1.5;color:#4c5f63">{{label}}</dt>
<dd class="ink" style="margin:0 0 10px;${FONT};font-size:16px;line-height:1.5;color:#14262a;font-weight:600"><bdi>{{value}}</bdi></dd>\n`,
  message: `<p class="quiet" style="margin:0 0 6px;${FONT};font-size:14px;line-height:1.5;color:#4c5f63">{{from}}</p>
<blockquote class="ink quote" dir="auto" style="margin:0 0 24px;padding:12px 16px;border-left:4px solid #0b6068;background:#eef4f3;${FONT};font-size:16px;line-height:1.55;color:#14262a">
{{#each (lines text)}}{{this}}{{#unless @last}}<br>{{/unless}}
{{/each}}</blockquote>\n`,
  button: `<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 16px"><tr><td class="button" bgcolor="#0b6068" style="border-radius:6px">
<a class="button-label" href="{{url}}" target="_blank" rel="noopener noreferrer" style="display:inline-block;padding:13px 22px;${FONT};font-size:16px;line-height:1.3;font-weight:600;color:#ffffff;text-decoration:none">{{label}}</a>
</td></tr></table>
<p class="quiet" style="margin:0 0 24px;${FONT};font-size:14px;line-height:1.55;color:#4c5f63">{{t "linkAsText"}}<br>
<a class="link" href="{{url}}" target="_blank" rel="noopener noreferrer" style="color:#0b6068;word-break:break-all">{{url}}</a></p>\n`,
  link: `<p class="ink" style="margin:0 0 12px;${FONT};font-size:16px;line-height:1.55;color:#14262a"><a class="link" href="{{url}}" target="_blank" rel="noopener noreferrer" style="color:#0b6068">{{label}}</a></p>\n`,
};

export const TEXT_PARTS: Readonly<Record<keyof MailParts, string>> = {
  heading: '{{text}}\n\n',
  paragraph: '{{text}}\n\n',
  step: '{{text}}\n\n',
  note: '{{text}}\n\n',
  facts: '{{> @partial-block}}\n\n',
  fact: '{{label}}: {{value}}\n',
  message: '{{from}}\n\n{{#each (lines text)}}> {{this}}\n{{/each}}\n\n',
  button: '{{label}}:\n{{url}}\n\n',
  link: '{{label}}:\n{{url}}\n\n',
};
