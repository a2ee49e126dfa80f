import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Clock } from '../../shared/time/clock.js';
import { PublicRoute } from '../../shared/http/route-markers.js';
import { PublicUrl } from '../../shared/http/links/public-url.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';

/** Where a person who found a weakness reports it. */
export class SecurityContact {
  /** @param uri `mailto:…`, `tel:…` or `https://…`; null: not configured */
  constructor(readonly uri: string | null) {}
}

const DAY = 86_400_000;
/** The file promises that the contact still holds; RFC 9116 recommends less than a year. */
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
    // Only an https address is allowed there.
    if (address.startsWith('https:')) lines.push(`Canonical: ${address}`);
    return `${lines.join('\n')}\n`;
  }

  /** The beginning of a day, so that the file is the same all day. */
  private expires(): string {
    const today = Math.floor(this.clock.now().getTime() / DAY);
    return new Date((today + EXPIRES_AFTER_DAYS) * DAY).toISOString();
  }
}
