import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { TakesFile, UploadedFile } from '../../../shared/http/file-upload.js';
import { LOCALES } from '../../../shared/mail/texts.js';
import { ProblemCatalogue } from '../../../shared/problems/problem-catalogue.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import {
  CONTACT_FILE,
  PreviewImport,
  SendInvitations,
  TakesRecipients,
} from '../../invitations/invitations.contract.js';
import { badFieldsOf, checked, listed, typed, type BadField } from '../forms.js';
import { localeOf } from '../page-language.js';
import { answerAs, goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { OwnWrites } from '../shell/own-writes.js';
import { PeoplePlaces } from '../shell/people-place.js';
import { At } from '../shell/place-routes.js';
import type { TextKey } from '../texts/texts.en.js';
import { MAX_NAMED, outcomesOf, type Outcomes } from './invite-outcomes.js';
import { forEachInviting, Whom, type Inviting } from './inviting.js';
import { mendedAddresses } from './mended-addresses.js';
import { typedAddresses } from './typed-addresses.js';

type Fields = Record<'emails' | 'role' | 'expiresIn' | 'message' | 'locale', string>;

const DEFAULTS: Fields = { emails: '', role: '', expiresIn: '7d', message: '', locale: '' };
/** The field that a refused rule is about. */
const REFUSED: Readonly<Record<string, BadField>> = {
  'too-many-recipients': { field: 'emails', text: 'invite.errors.tooMany' },
  'quota-exceeded': { field: 'emails', text: 'invite.errors.quota' },
  'not-a-contact-file': { field: 'file', text: 'invite.errors.file' },
  'too-many-rows': { field: 'file', text: 'invite.errors.rows' },
  'payload-too-large': { field: 'file', text: 'invite.errors.rows' },
  'role-not-grantable': { field: 'role', text: 'invite.errors.grant' },
  'role-not-for-scope': { field: 'role', text: 'invite.errors.grant' },
};
const BAD_FIELDS: Readonly<Record<string, TextKey>> = {
  emails: 'invite.errors.emails',
  role: 'invite.errors.role',
  message: 'invite.errors.message',
  file: 'invite.errors.noFile',
};

interface Further {
  errors?: BadField[];
  /** The call that was sent, if it stored anything. */
  batchId?: string | null;
  /** The addresses of a file, which a script adds to the field. */
  imported?: string | null;
}

/** A form as it was sent. */
interface Sent {
  viewer: string;
  whom: Inviting;
  ref: ScopeRef;
  request: FastifyRequest;
  reply: FastifyReply;
}

/** The forms that invite staff, patients and observers: addresses, a contact file, a review of what would happen, and sending. */
@ApiExcludeController()
@Controller()
export class InvitePagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly places: PeoplePlaces,
    private readonly pages: Pages,
    private readonly problems: ProblemCatalogue,
    private readonly writes: OwnWrites,
  ) {}

  @Get(forEachInviting('invite'))
  @Page()
  async show(
    @Actor() viewer: string,
    @Whom() whom: Inviting,
    @At() ref: ScopeRef,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    return this.render({ viewer, whom, ref, request }, DEFAULTS, null);
  }

  /** Redirects a browser that opens the address of a form by GET. */
  @Get(['review', 'import'].flatMap((form) => forEachInviting(`invite/${form}`)))
  @Page()
  toTheForm(@Req() { url }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}${formOf(url)}`);
  }

  /** A review says what would happen to each address. It stores nothing and sends nothing. */
  @Post(['invite', 'invite/review'].flatMap(forEachInviting))
  @Page()
  @TakesRecipients()
  async send(
    @Actor() viewer: string,
    @Whom() whom: Inviting,
    @At() ref: ScopeRef,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const isReview = request.routeOptions.url?.endsWith('/review') === true;
    return this.invite({ viewer, whom, ref, request, reply }, body, isReview);
  }

  /** The part of the form that shows the typed addresses one by one, while they are typed. */
  @Post(forEachInviting('invite/addresses'))
  @Page()
  @TakesRecipients()
  addresses(@Actor() _viewer: string, @Body() body: unknown, @Req() request: FastifyRequest): string {
    const locale = localeOf(request);
    const found = typedAddresses(typed(body, 'emails').emails);
    const reason = this.pages.text(locale, 'invite.noAddressAtAll');
    return this.pages.renderPart('typed-addresses', locale, {
      chips: found
        .slice(0, MAX_NAMED)
        .map(({ email, isAddress }) => ({ text: email, reason: isAddress ? null : reason })),
      more: Math.max(0, found.length - MAX_NAMED),
      count: found.length,
      wrong: found.filter(({ isAddress }) => !isAddress).length,
    });
  }

  /** Puts the addresses of a contact file into the form, with what would happen to each. */
  @Post(forEachInviting('invite/import'))
  @Page()
  @TakesFile(CONTACT_FILE)
  async import(
    @Actor() viewer: string,
    @Whom() whom: Inviting,
    @At() ref: ScopeRef,
    @UploadedFile() file: AsyncIterable<Uint8Array>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const sent = { viewer, whom, ref, request, reply };
    try {
      const { recipients, problems } = await this.queries.execute(new PreviewImport(viewer, whom.kind, ref, file));
      const emails = [...new Set(recipients.map(({ email }) => email))].join('\n');
      const outcomes = outcomesOf('review', recipients, problems);
      return await this.render(sent, { ...DEFAULTS, emails }, outcomes, { imported: emails });
    } catch (error) {
      return this.again(sent, DEFAULTS, error);
    }
  }

  private async invite(sent: Sent, body: unknown, dryRun: boolean): Promise<string> {
    const { viewer, whom, ref } = sent;
    const raw = typed(body, 'emails', 'role', 'expiresIn', 'message', 'locale');
    const fields = { ...raw, emails: mendedAddresses(raw.emails, mendingsIn(body)) };
    try {
      const emails = typedAddresses(fields.emails).map(({ email }) => email);
      if (emails.length === 0) throw new RuleBroken('invalid-input', { errors: [{ field: 'emails', message: '' }] });
      const { role, ...others } = fields;
      const asked = { ...others, ...(whom.hasRole ? { role } : {}), emails };
      // A dry run can't be asked for by a field, because the button decides.
      const dto = Object.assign(await checked(whom.dto, asked), { dryRun });
      const { results, batchId = null } = await this.commands.execute(new SendInvitations(viewer, whom.kind, ref, dto));
      if (!dryRun) await this.writes.shown();
      const outcomes = outcomesOf(dryRun ? 'review' : 'sent', results);
      // What is sent leaves the field. A wrong address stays, so that it can be mended.
      const left = dryRun ? fields.emails : outcomes.wrong.join('\n');
      return await this.render(sent, { ...fields, emails: left }, outcomes, { batchId });
    } catch (error) {
      return this.again(sent, fields, error);
    }
  }

  /** Shows the form again with everything that was typed, and what is wrong with it. @throws any other error */
  private async again(sent: Sent, fields: Fields, error: unknown): Promise<string> {
    if (!(error instanceof RuleBroken)) throw error;
    const bad = badFieldsOf(error)?.map(({ field }) => ({
      field,
      text: BAD_FIELDS[field] ?? ('invite.errors.other' as const),
    }));
    const refused = REFUSED[error.code];
    const errors = bad ?? (refused ? [{ ...refused, values: error.details }] : null);
    if (!errors) throw error;
    answerAs(sent.reply, error, this.problems);
    return this.render(sent, fields, null, { errors });
  }

  private async render(
    { viewer, whom, ref, request }: Omit<Sent, 'reply'>,
    fields: Fields,
    outcomes: Outcomes | null,
    { errors = [], batchId = null, imported = null }: Further = {},
  ): Promise<string> {
    const [at, roles] = await Promise.all([
      this.places.at(viewer, ref, request, whom),
      whom.hasRole ? this.places.rolesOf(viewer, ref) : [],
    ]);
    if (at.place.archived) throw new RuleBroken('scope-archived');
    if (!at.mayManage) throw new RuleBroken('forbidden');
    const assignable = roles.filter(({ grantable }) => grantable);
    const { locale } = at.options;
    const text = (key: string): string | undefined => this.pages.text(locale, key);
    return this.pages.render(
      'invite',
      { ...at.options, errors, title: text(`invite.${whom.kind}.title`) ?? '' },
      {
        ...at,
        isAboutPatients: whom.kind === 'patient',
        isAboutObservers: whom.kind === 'observer',
        assignable,
        fields: { ...fields, locale: fields.locale === '' ? locale : fields.locale },
        choices: [
          // Nobody gives a role by not choosing.
          { value: '', label: text('staff.chooseRole') },
          ...assignable.map(({ id, name }) => ({ value: id, label: name })),
        ],
        windows: this.pages.windowChoices(locale, whom.windows),
        languages: LOCALES.map((each) => ({ value: each, label: text(`language.${each}`) })),
        outcomes,
        batchId,
        imported,
      },
    );
  }
}

/** The wrong addresses that the form showed one by one, with what stands there now. */
function mendingsIn(body: unknown) {
  const instead = listed(body, 'mend');
  return listed(body, 'wrong').map((wrong, at) => ({ wrong, instead: instead[at] ?? wrong }));
}

/** The path of the form, from the address of one of its buttons. */
function formOf(url: string): string {
  return url.replace(/\/invite\/.*$/, '/invite');
}
