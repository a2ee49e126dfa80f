import { Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { AssetsController } from './assets.controller.js';
import { HomeController } from './home.controller.js';
import { InvitationOffers } from './invitation-offer.js';
import { InvitationPagesController } from './invitation-pages.controller.js';
import { JoinPagesController } from './join-pages.controller.js';
import { Mailbox } from './mailbox.js';
import { MailboxController } from './mailbox.controller.js';
import { Navigation } from './navigation.js';
import { OwnInvitationPagesController } from './own-invitation-pages.controller.js';
import { OwnNoticesPagesController } from './own-notices-pages.controller.js';
import { PageErrorFilter } from './page-error.filter.js';
import { Pages } from './pages.js';
import { StartPage } from './start-page.js';
import { UnsubscribePagesController } from './unsubscribe-pages.controller.js';

/** Pages for people: the invitation behind a link, the start page, the mailbox. Everything they do goes through the API's commands and queries. */
@Module({
  controllers: [
    InvitationPagesController,
    OwnInvitationPagesController,
    OwnNoticesPagesController,
    JoinPagesController,
    UnsubscribePagesController,
    HomeController,
    MailboxController,
    AssetsController,
  ],
  providers: [
    Pages,
    InvitationOffers,
    StartPage,
    Navigation,
    Mailbox,
    { provide: APP_FILTER, useClass: PageErrorFilter },
  ],
})
export class PortalModule {}
