import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { PublicUrl } from '../../../shared/http/links/origin.js';
import { PublicRoute, SilentRoute } from '../../../shared/http/route-markers.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { AppSettings } from '../app-settings.js';

const HANDLES_ALL_URLS = 'delegate_permission/common.handle_all_urls';

/**
 * The files by which a phone lets the patients' app open our links. Phones fetch them from the root of the host, so a
 * proxy routes them where PUBLIC_URL has a path. Sources: Apple, Supporting associated domains; Google, Digital Asset Links
 */
@ApiExcludeController()
@Controller('.well-known')
export class AssociationFilesController {
  constructor(
    private readonly settings: AppSettings,
    private readonly publicUrl: PublicUrl,
  ) {}

  /** @throws RuleBroken `not-found` without APPLE_APP_IDS */
  @Get('apple-app-site-association')
  @PublicRoute()
  @SilentRoute()
  @Header('Content-Type', 'application/json')
  apple(): object {
    const { appleAppIds } = this.settings.association;
    if (appleAppIds.length === 0) throw new RuleBroken('not-found');
    const components = this.paths().map((path) => ({ '/': path }));
    return { applinks: { details: [{ appIDs: appleAppIds, components }] } };
  }

  /** @throws RuleBroken `not-found` without ANDROID_APPS */
  @Get('assetlinks.json')
  @PublicRoute()
  @SilentRoute()
  @Header('Content-Type', 'application/json')
  android(): object {
    const { androidApps } = this.settings.association;
    if (androidApps.length === 0) throw new RuleBroken('not-found');
    return androidApps.map(({ packageName, fingerprints }) => ({
      relation: [HANDLES_ALL_URLS],
      target: { namespace: 'android_app', package_name: packageName, sha256_cert_fingerprints: fingerprints },
    }));
  }

  private paths(): string[] {
    const base = new URL(this.publicUrl.base).pathname.replace(/\/$/, '');
    return ['invitations', 'join'].map((area) => `${base}/${area}/*`);
  }
}
