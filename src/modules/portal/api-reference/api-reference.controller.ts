import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { MaybeActor } from '../../accounts/accounts.contract.js';
import { PublicRoute } from '../../../shared/http/route-markers.js';
import { ProblemCatalogue } from '../../../shared/problems/problem-catalogue.js';
import { RuleBroken, type ProblemCode } from '../../../shared/problems/problem-codes.js';
import { KEPT_FOR_A_YEAR, readAsset } from '../assets.js';
import { Navigation } from '../navigation.js';
import { Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { ApiDocument } from './api-document.js';
import { readReference, type ReferenceView } from './api-reference.js';

const STYLE = readAsset(new URL('api-reference.css', import.meta.url));
const SCRIPT = readAsset(new URL('try-it.js', import.meta.url));
const VERSIONS = { styleVersion: STYLE.version, scriptVersion: SCRIPT.version };

/** The HTTP interface for people: a list of all calls, and a page for each area. In English, as the OpenAPI document is. */
@ApiExcludeController()
@Controller()
export class ApiReferenceController {
  private reference: ReferenceView | undefined;

  constructor(
    private readonly document: ApiDocument,
    private readonly navigation: Navigation,
    private readonly pages: Pages,
    private readonly problems: ProblemCatalogue,
  ) {}

  @Get('docs')
  @Page()
  async list(@MaybeActor() viewer: string | null): Promise<string> {
    const { description, areas, headers, commonProblems } = this.read();
    return this.pages.render('docs', await this.options(viewer, 'API reference'), {
      ...VERSIONS,
      description,
      areas,
      headers,
      problems: this.titled(commonProblems),
    });
  }

  /** @throws RuleBroken `not-found` */
  @Get('docs/:area')
  @Page()
  async show(@MaybeActor() viewer: string | null, @Param('area') slug: string): Promise<string> {
    const area = this.read().areas.find((one) => one.slug === slug);
    if (!area) throw new RuleBroken('not-found');
    const operations = area.operations.map((operation) => ({
      ...operation,
      problems: this.titled(operation.problems),
    }));
    return this.pages.render('docs-area', await this.options(viewer, area.name), {
      ...VERSIONS,
      operations,
      slug,
      isSignedIn: viewer !== null,
    });
  }

  @Get('assets/api-reference.css')
  @PublicRoute()
  @Header('Content-Type', 'text/css; charset=utf-8')
  @Header('Cache-Control', KEPT_FOR_A_YEAR)
  stylesheet(): string {
    return STYLE.text;
  }

  @Get('assets/try-it.js')
  @PublicRoute()
  @Header('Content-Type', 'text/javascript; charset=utf-8')
  @Header('Cache-Control', KEPT_FOR_A_YEAR)
  script(): string {
    return SCRIPT.text;
  }

  private read(): ReferenceView {
    return (this.reference ??= readReference(this.document.get()));
  }

  private async options(viewer: string | null, title: string) {
    return { locale: 'en', title, nav: viewer === null ? null : await this.navigation.of(viewer, '/docs') } as const;
  }

  private titled(problems: ReferenceView['commonProblems']) {
    return problems.map(({ status, codes }) => ({
      status,
      codes: codes.map((code) => ({ code, title: this.problems.titleOf(code as ProblemCode) })),
    }));
  }
}
