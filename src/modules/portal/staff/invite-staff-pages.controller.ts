import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { TakesFile, UploadedFile } from '../../../shared/http/file-upload.js';
import { LOCALES } from '../../../shared/mail/texts.js';
import { ProblemCatalogue } from '../../../shared/problems/problem-catalogue.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { Actor, MaybeActor } from '../../accounts/accounts.contract.js';
import {
  CONTACT_FILE,
  PreviewImport,
  SendInvitations,
  TakesRecipients,
} from '../../invitations/invitations.contract.js';
import { InviteStaffDto, STAFF_WINDOWS } from '../../staff/staff.contract.js';
import { badFieldsOf, checked, typed, type BadField } from '../forms.js';
import { localeOf } from '../page-language.js';
import { answerAs, goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { OwnWrites } from '../shell/own-writes.js';
import { At, inEachPlace } from '../shell/place-routes.js';
import type { TextKey } from '../texts/texts.en.js';
import { MAX_NAMED, outcomesOf, type Outcomes } from './invite-outcomes.js';
import { StaffPlaces } from './staff-place.js';
import { typedAddresses } from './typed-addresses.js';

type Fields = Record<'emails' | 'role' | 'expiresIn' | 'message' | 'locale', string>;

const DEFAULTS: Fields = { emails: '', role: '', expiresIn: '7d', message: '', locale: '' };
/** The field that a refused rule is about. */
const REFUSED: Readonly<Record<string, BadField>> = {
  'too-many-recipients': { field: 'emails', text: 'staff.errors.tooMany' },
  'quota-exceeded': { field: 'emails', text: 'staff.errors.quota' },
  'not-a-contact-file': { field: 'file', text: 'staff.errors.file' },
  'too-many-rows': { field: 'file', text: 'staff.errors.rows' },
  'payload-too-large': { field: 'file', text: 'staff.errors.rows' },
  'role-not-grantable': { field: 'role', text: 'staff.errors.grant' },
  'role-not-for-scope': { field: 'role', text: 'staff.errors.grant' },
};
const BAD_FIELDS: Readonly<Record<string, TextKey>> = {
  emails: 'staff.errors.emails',
  role: 'staff.errors.role',
  message: 'staff.errors.message',
  file: 'staff.errors.noFile',
};

interface Further {
  errors?: BadField[];
  /** The call that was sent, if it stored anything. */
  batchId?: string | null;
  /** The addresses of a file, which a script adds to the field. */
  imported?: string | null;
}

/** The form that invites staff: addresses, a contact file, a review of what would happen, and sending. */
@ApiExcludeController()
@Controller()
export class InviteStaffPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly places: StaffPlaces,
    private readonly pages: Pages,
    private readonly problems: ProblemCatalogue,
    private readonly writes: OwnWrites,
  ) {}

  @Get(inEachPlace('staff/invite'))
  @Page()
  async show(@Actor() viewer: string, @At() ref: ScopeRef, @Req() request: FastifyRequest): Promise<string> {
    return this.render(viewer, ref, request, DEFAULTS, null);
  }

  /** Redirects a browser that opens the address of a form by GET. */
  @Get(['review', 'import'].flatMap((form) => inEachPlace(`staff/invite/${form}`)))
  @Page()
  toTheForm(@Req() { url }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}${formOf(url)}`);
  }

  /** Says what would happen to each address. Stores nothing and sends nothing. */
  @Post(inEachPlace('staff/invite/review'))
  @Page()
  @TakesRecipients()
  async review(
    @MaybeActor() viewer: string,
    @At() ref: ScopeRef,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return this.invite(viewer, ref, body, request, reply, true);
  }

  @Post(inEachPlace('staff/invite'))
  @Page()
  @TakesRecipients()
  async send(
    @MaybeActor() viewer: string,
    @At() ref: ScopeRef,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return this.invite(viewer, ref, body, request, reply, false);
  }

  /** The part of the form that shows the typed addresses one by one, while they are typed. */
  @Post(inEachPlace('staff/invite/addresses'))
  @Page()
  @TakesRecipients()
  addresses(@Actor() _viewer: string, @Body() body: unknown, @Req() request: FastifyRequest): string {
    const locale = localeOf(request);
    const found = typedAddresses(typed(body, 'emails').emails);
    const reason = this.pages.text(locale, 'staff.noAddressAtAll');
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
  @Post(inEachPlace('staff/invite/import'))
  @Page()
  @TakesFile(CONTACT_FILE)
  async import(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @UploadedFile() file: AsyncIterable<Uint8Array>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    try {
      const { recipients, problems } = await this.queries.execute(new PreviewImport(viewer, 'staff', ref, file));
      const emails = [...new Set(recipients.map(({ email }) => email))].join('\n');
      const outcomes = outcomesOf('review', recipients, problems);
      return await this.render(viewer, ref, request, { ...DEFAULTS, emails }, outcomes, { imported: emails });
    } catch (error) {
      return this.again(viewer, ref, request, reply, DEFAULTS, error);
    }
  }

  private async invite(
    viewer: string,
    ref: ScopeRef,
    body: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
    dryRun: boolean,
  ): Promise<string> {
    const fields = typed(body, 'emails', 'role', 'expiresIn', 'message', 'locale');
    try {
      const emails = typedAddresses(fields.emails).map(({ email }) => email);
      if (emails.length === 0) throw new RuleBroken('invalid-input', { errors: [{ field: 'emails', message: '' }] });
      // A dry run can't be asked for by a field, because the button decides.
      const dto = Object.assign(await checked(InviteStaffDto, { ...fields, emails }), { dryRun });
      const { results, batchId = null } = await this.commands.execute(new SendInvitations(viewer, 'staff', ref, dto));
      if (!dryRun) await this.writes.shown();
      const outcomes = outcomesOf(dryRun ? 'review' : 'sent', results);
      // What is sent leaves the field. A wrong address stays, so that it can be mended.
      const left = dryRun ? fields.emails : outcomes.wrong.join('\n');
      return await this.render(viewer, ref, request, { ...fields, emails: left }, outcomes, { batchId });
    } catch (error) {
      return this.again(viewer, ref, request, reply, fields, error);
    }
  }

  /** Shows the form again with everything that was typed, and what is wrong with it. @throws any other error */
  private async again(
    viewer: string,
    ref: ScopeRef,
    request: FastifyRequest,
    reply: FastifyReply,
    fields: Fields,
    error: unknown,
  ): Promise<string> {
    if (!(error instanceof RuleBroken)) throw error;
    const bad = badFieldsOf(error)?.map(({ field }) => ({
      field,
      text: BAD_FIELDS[field] ?? ('staff.errors.other' as const),
    }));
    const refused = REFUSED[error.code];
    const errors = bad ?? (refused ? [{ ...refused, values: error.details }] : null);
    if (!errors) throw error;
    answerAs(reply, error, this.problems);
    return this.render(viewer, ref, request, fields, null, { errors });
  }

  private async render(
    viewer: string,
    ref: ScopeRef,
    request: FastifyRequest,
    fields: Fields,
    outcomes: Outcomes | null,
    { errors = [], batchId = null, imported = null }: Further = {},
  ): Promise<string> {
    const at = await this.places.at(viewer, ref, request);
    if (!at.mayManage) throw new RuleBroken(at.place.archived ? 'scope-archived' : 'forbidden');
    const assignable = at.roles.filter(({ grantable }) => grantable);
    const { locale } = at.options;
    return this.pages.render(
      'staff-invite',
      { ...at.options, errors },
      {
        ...at,
        assignable,
        fields: { ...fields, locale: fields.locale === '' ? locale : fields.locale },
        choices: [
          // Nobody gives a role by not choosing.
          { value: '', label: this.pages.text(locale, 'staff.chooseRole') },
          ...assignable.map(({ id, name }) => ({ value: id, label: name })),
        ],
        windows: STAFF_WINDOWS.map((window) => ({ value: window, label: this.pages.text(locale, `window.${window}`) })),
        languages: LOCALES.map((each) => ({
          value: each,
          label: this.pages.text(locale, `language.${each}`),
        })),
        outcomes,
        batchId,
        imported,
      },
    );
  }
}

/** The path of the form, from the address of one of its buttons. */
function formOf(url: string): string {
  return url.slice(0, url.indexOf('/staff/invite') + '/staff/invite'.length);
}
