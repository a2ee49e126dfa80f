import { Injectable } from '@nestjs/common';
import { Authorization } from '../access/access.contract.js';
import { PLATFORM } from '../access/access.domain.contract.js';
import { MailTransport } from '../../shared/mail/mail-transport.js';
import type { PageOptions } from './pages.js';

/** The menu, with the pages that the visitor may open. */
@Injectable()
export class Navigation {
  constructor(
    private readonly authorization: Authorization,
    private readonly transport: MailTransport,
  ) {}

  async of(viewer: string, current: '/' | '/mailbox'): Promise<NonNullable<PageOptions['nav']>> {
    const mailbox = this.transport.isMailbox && (await this.isSuperAdmin(viewer));
    return [
      { path: '/', label: 'layout.home', current: current === '/' },
      ...(mailbox ? [{ path: '/mailbox', label: 'layout.mailbox', current: current === '/mailbox' } as const] : []),
      { path: '/docs', label: 'layout.docs', current: false },
    ];
  }

  private async isSuperAdmin(viewer: string): Promise<boolean> {
    const { effectivePermissions } = await this.authorization.evaluate(viewer, PLATFORM);
    return effectivePermissions.roles.some(({ role }) => role.id === 'super-admin');
  }
}
