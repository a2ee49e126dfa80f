import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
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
import { NetworkPicker } from '../groups/network-picker.js';
import { permissionsIn, setChoices } from '../groups/permission-sets.js';
import { localeOf } from '../page-language.js';
import { answerAs, goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { OwnWrites } from '../shell/own-writes.js';
import { PeoplePlaces } from '../shell/people-place.js';
import { At, inGroup } from '../shell/place-routes.js';
import type { TextKey } from '../texts/texts.en.js';
import { MAX_NAMED, outcomesOf, type Outcomes } from './invite-outcomes.js';
import { forEachInviting, Whom, type Inviting } from './inviting.js';
import { mendedAddresses } from './mended-addresses.js';
import { typedAddresses } from './typed-addresses.js';

interface Fields extends Record<'emails' | 'role' | 'expiresIn' | 'message' | 'locale' | 'set' | 'q', string> {
  /** People whom the visitor picked from the network of a group. */
  personIds: readonly string[];
}

const DEFAULTS: Fields = {
  emails: '',
  role: '',
  expiresIn: '7d',
  message: '',
  locale: '',
  set: '',
  q: '',
  personIds: [],
};
/** The search in the network of a group. */
const FIND = inGroup('invite/network');
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
  set: 'groups.errors.set',
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

/** The forms that invite people: addresses, the network of a group, a contact file, a review of what would happen, and sending. */
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
    private readonly network: NetworkPicker,
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
  @Get([...['review', 'import'].flatMap((form) => forEachInviting(`invite/${form}`)), FIND])
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

  /** Looks for people in the network of a group, and keeps everything that was typed. */
  @Post(FIND)
  @Page()
  @TakesRecipients()
  async find(
    @Actor() viewer: string,
    @Whom() whom: Inviting,
    @At() ref: ScopeRef,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    return this.render({ viewer, whom, ref, request }, fieldsIn(body), null);
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
    const fields = fieldsIn(body);
    try {
      const emails = typedAddresses(fields.emails).map(({ email }) => email);
      mustBeComplete(whom, fields, emails.length);
      const { role, set, personIds, q: _q, ...others } = fields;
      const grant = whom.kind === 'groupMember' ? { ...permissionsIn(set), personIds } : whom.hasRole ? { role } : {};
      const asked = { ...others, ...grant, emails };
      // A dry run can't be asked for by a field, because the button decides.
      const dto = Object.assign(await checked(whom.dto, asked), { dryRun });
      const { results, batchId = null } = await this.commands.execute(new SendInvitations(viewer, whom.kind, ref, dto));
      if (!dryRun) await this.writes.shown();
      const unknown = this.pages.text(localeOf(sent.request), 'groups.unknownPerson') ?? '';
      const named = results.map((result) => ({ ...result, email: result.email ?? unknown }));
      const outcomes = outcomesOf(dryRun ? 'review' : 'sent', named);
      // What is sent leaves the form. A wrong address stays, so that it can be mended.
      const left = dryRun ? fields : { ...fields, emails: outcomes.wrong.join('\n'), personIds: [], q: '' };
      return await this.render(sent, left, outcomes, { batchId });
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
    const network = at.group && (await this.network.of(viewer, ref.id, fields.q, fields.personIds));
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
        isAboutGroup: at.group !== null,
        sets: at.group && setChoices(at.group),
        network,
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

/** The fields of the form, with the wrong addresses as the visitor mended them. */
function fieldsIn(body: unknown): Fields {
  const raw = typed(body, 'emails', 'role', 'expiresIn', 'message', 'locale', 'set', 'q');
  return {
    ...raw,
    emails: mendedAddresses(raw.emails, mendingsIn(body)),
    personIds: [...new Set(listed(body, 'personIds'))].filter((id) => isUUID(id)),
  };
}

/** @throws RuleBroken `invalid-input` for a form that names nobody, or no permissions for a group */
function mustBeComplete({ kind }: Inviting, { personIds, set }: Fields, addresses: number): void {
  const isGroup = kind === 'groupMember';
  const errors = [
    ...(addresses === 0 && !(isGroup && personIds.length > 0) ? [{ field: 'emails', message: '' }] : []),
    ...(isGroup && Object.keys(permissionsIn(set)).length === 0 ? [{ field: 'set', message: '' }] : []),
  ];
  if (errors.length > 0) throw new RuleBroken('invalid-input', { errors });
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
