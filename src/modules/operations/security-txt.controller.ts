import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Clock } from '../../shared/time/clock.js';
import { PublicRoute } from '../../shared/http/route-markers.js';
import { PublicUrl } from '../../shared/http/links/origin.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';

/** The address for reports of weaknesses. */
export class SecurityContact {
  /** @param uri `mailto:…`, `tel:…` or `https://…`; null if it isn't configured */
  constructor(readonly uri: string | null) {}
}

const DAY = 86_400_000;
/** The file promises the contact for this long. RFC 9116 recommends less than a year. */
const EXPIRES_AFTER_DAYS = 180;

/** Source: RFC 9116 */
@ApiExcludeController()
@Controller('.well-known')
export class SecurityTxtController {
  constructor(
    private readonly contact: SecurityContact,
    private readonly publicUrl: PublicUrl,
    private readonly clock: Clock,
  ) {}

  @Get('security.txt')
  @PublicRoute()
  @Header('Content-Type', 'text/plain; charset=utf-8')
  read(): string {
    if (this.contact.uri === null) throw new RuleBroken('not-found');
    const address = `${this.publicUrl.base}/.well-known/security.txt`;
    const lines = [`Contact: ${this.contact.uri}`, `Expires: ${this.expires()}`, 'Preferred-Languages: en, de'];
    // RFC 9116 allows only an https address there.
    if (address.startsWith('https:')) lines.push(`Canonical: ${address}`);
    return `${lines.join('\n')}\n`;
  }

  /** The beginning of a UTC day, so that the file stays the same all day. */
  private expires(): string {
    const today = Math.floor(this.clock.now().getTime() / DAY);
    return new Date((today + EXPIRES_AFTER_DAYS) * DAY).toISOString();
  }
}
