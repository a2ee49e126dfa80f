import { Body, Controller, Get, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Locale } from '../../../shared/mail/texts.js';
import { ProblemCatalogue } from '../../../shared/problems/problem-catalogue.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { VIEW_TYPES } from '../../organisations/organisations.contract.js';
import { typed, type BadField } from '../forms.js';
import { answerAs, goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { At, inOrganisationsAndDeployments } from '../shell/place-routes.js';
import { doAndSay, saidBy } from '../staff/done-or-failed.js';
import {
  bodyOf,
  fieldsOf,
  mergedFields,
  PROFILE_FIELDS,
  profileErrors,
  readFields,
  type ProfileField,
  type ProfileFields,
} from './profile-form.js';
import { profileSections } from './profile-view.js';
import { type ProfiledPlace, ProfiledPlaces } from './profiled-places.js';

/** What the form shows in place of the settings as they are. */
interface Shown {
  fields: ProfileFields;
  errors: BadField[];
  /** The version and the fields that the visitor read. */
  version: number;
  read: ProfileFields;
  /** Whether somebody else saved meanwhile. */
  isChanged: boolean;
}

/** The settings of an organisation or a deployment. */
@ApiExcludeController()
@Controller()
export class SettingsPagesController {
  constructor(
    private readonly places: ProfiledPlaces,
    private readonly pages: Pages,
    private readonly problems: ProblemCatalogue,
  ) {}

  @Get(inOrganisationsAndDeployments('settings'))
  @Page()
  async show(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    const at = await this.places.at(viewer, ref, request);
    const { profile, version } = await this.places.read(viewer, at);
    const fields = fieldsOf(at.kind, profile);
    const shown: Shown = { fields, read: fields, version, errors: [], isChanged: false };
    return this.render(at, shown, typed(query, 'done', 'failed'));
  }

  @Post(inOrganisationsAndDeployments('settings'))
  @Page()
  async save(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const at = await this.places.at(viewer, ref, request);
    const { version, read, ...fields } = typed(body, 'version', 'read', ...PROFILE_FIELDS[at.kind]);
    const form = { typed: fields as ProfileFields, read: readFields(at.kind, read), version: Number(version) };
    try {
      // The form always sends one that the API takes.
      if (!/^[1-9]\d{0,8}$/.test(version)) throw new RuleBroken('scope-changed');
      await this.places.edit(viewer, at, { ...bodyOf(at.kind, form.typed), version: form.version });
    } catch (error) {
      const shown = await this.refused(viewer, at, form, error);
      if (!shown) throw error;
      answerAs(reply, error as RuleBroken, this.problems);
      return this.render(at, shown, { done: '', failed: '' });
    }
    return goTo(reply, `${this.pages.base}${at.path}?done=settingsSaved`);
  }

  /** Redirects a browser that opens the address of the form by GET. */
  @Get(inOrganisationsAndDeployments('settings/restore'))
  @Page()
  toTheSettings(@Req() { url }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}${url.replace(/\/restore(?:\?.*)?$/, '')}`);
  }

  @Post(inOrganisationsAndDeployments('settings/restore'))
  @Page()
  async restore(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { path } = await this.places.at(viewer, ref, request);
    const page = `${this.pages.base}${path}`;
    return doAndSay(reply, { page, done: `${page}?done=restored` }, async () =>
      this.places.change(viewer, ref, 'restore'),
    );
  }

  /** What the form shows when the API refuses it; null for any other error. */
  private async refused(
    viewer: string,
    at: ProfiledPlace,
    form: { typed: ProfileFields; read: ProfileFields; version: number },
    error: unknown,
  ): Promise<Shown | null> {
    const errors = profileErrors(error);
    if (errors) return { fields: form.typed, read: form.read, version: form.version, errors, isChanged: false };
    if (!(error instanceof RuleBroken) || error.code !== 'scope-changed') return null;
    const { profile, version } = await this.places.read(viewer, at);
    const saved = fieldsOf(at.kind, profile);
    const { fields, conflicts } = mergedFields(at.kind, { typed: form.typed, read: form.read, saved });
    const { locale } = at.options;
    return {
      fields,
      read: saved,
      version,
      errors: conflicts.map((field) => ({
        field,
        text: 'settings.errors.changed',
        values: { label: this.labelOf(locale, field), saved: this.shownValue(locale, field, saved[field] ?? '') },
      })),
      isChanged: true,
    };
  }

  private render(at: ProfiledPlace, shown: Shown, said: Record<'done' | 'failed', string>): string {
    const { fields, errors, version, read, isChanged } = shown;
    const { locale } = at.options;
    return this.pages.render(
      'settings',
      { ...at.options, errors },
      {
        ...at,
        said: saidBy(said),
        isChanged,
        version,
        read: JSON.stringify(read),
        sections: profileSections(at.kind, fields),
        facts: PROFILE_FIELDS[at.kind].flatMap((field) => {
          const value = this.shownValue(locale, field, fields[field] ?? '');
          return value === '' ? [] : [{ label: this.labelOf(locale, field), value }];
        }),
        viewTypes: viewTypes(this.pages, locale),
      },
    );
  }

  private labelOf(locale: Locale, field: ProfileField): string {
    return this.pages.text(locale, `settings.field.${field}`) ?? field;
  }

  private shownValue(locale: Locale, field: ProfileField, value: string): string {
    if (field === 'viewType') return this.pages.text(locale, `platform.viewType.${value}`) ?? value;
    return value.replaceAll('\n', ', ');
  }
}

/** The options of the select of view types. */
export function viewTypes(pages: Pages, locale: Locale) {
  return VIEW_TYPES.map((value) => ({ value, label: pages.text(locale, `platform.viewType.${value}`) }));
}
