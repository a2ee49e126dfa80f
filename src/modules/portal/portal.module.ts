import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { AccountClosingPagesController } from './account/account-closing-pages.controller.js';
import { AccountPagesController } from './account/account-pages.controller.js';
import { AddressPagesController } from './account/address-pages.controller.js';
import { ChangePasswordAddressController } from './account/change-password-address.controller.js';
import { OwnHistoryPageController } from './account/own-history-page.controller.js';
import { OwnNoticesPagesController } from './account/own-notices-pages.controller.js';
import { PasswordPagesController } from './account/password-pages.controller.js';
import { SessionPagesController } from './account/session-pages.controller.js';
import { PasswordResetPagesController } from './account/password-reset-pages.controller.js';
import { AdminPagesController } from './admin/admin-pages.controller.js';
import { ApiDocument } from './api-reference/api-document.js';
import { ApiReferenceController } from './api-reference/api-reference.controller.js';
import { AssetsController } from './assets.controller.js';
import { GroupFilePagesController } from './groups/group-file-pages.controller.js';
import { GroupInvitationPagesController } from './groups/group-invitation-pages.controller.js';
import { GroupListPagesController } from './groups/group-list-pages.controller.js';
import { GroupMemberPagesController } from './groups/group-member-pages.controller.js';
import { GroupSettingsPagesController } from './groups/group-settings-pages.controller.js';
import { NetworkPicker } from './groups/network-picker.js';
import { PortalGroups } from './groups/portal-groups.js';
import { HomeController } from './home.controller.js';
import { InvitationOffers } from './invitation-offer.js';
import { InvitationPagesController } from './invitation-pages.controller.js';
import { JoinPagesController } from './join-pages.controller.js';
import { InvitationMenuPagesController } from './invite/invitation-menu-pages.controller.js';
import { InvitePagesController } from './invite/invite-pages.controller.js';
import { Mailbox } from './mailbox.js';
import { MailboxController } from './mailbox.controller.js';
import { Navigation } from './navigation.js';
import { OperationsPagesController } from './operations/operations-pages.controller.js';
import { OwnInvitationPagesController } from './own-invitation-pages.controller.js';
import { PageErrorFilter } from './page-error.filter.js';
import { WeeksCharts } from './overview/weeks-charts.js';
import { Pages } from './pages.js';
import { ExplanationPagesController } from './history/explanation-pages.controller.js';
import { HistoryPagesController } from './history/history-pages.controller.js';
import { RevertPagesController } from './history/revert-pages.controller.js';
import { ObserverPagesController } from './observers/observer-pages.controller.js';
import { PatientLinkPagesController } from './patients/patient-link-pages.controller.js';
import { PatientPagesController } from './patients/patient-pages.controller.js';
import { PasswordScriptsController } from './password-field/password-scripts.controller.js';
import { RolesPagesController } from './roles/roles-pages.controller.js';
import { ArchivePagesController } from './settings/archive-pages.controller.js';
import { NewPlacePagesController } from './settings/new-place-pages.controller.js';
import { ProfiledPlaces } from './settings/profiled-places.js';
import { SettingsPagesController } from './settings/settings-pages.controller.js';
import { VisiblePlaces } from './shell/visible-places.js';
import { PlacePagesController } from './shell/place-pages.controller.js';
import { PlacesPagesController } from './shell/places-pages.controller.js';
import { ComponentsPageController } from './components/components-page.controller.js';
import { OwnWrites } from './shell/own-writes.js';
import { PeoplePlaces } from './shell/people-place.js';
import { BatchPagesController } from './batches/batch-pages.controller.js';
import { ChangeInvitationPagesController } from './staff/change-invitation-pages.controller.js';
import { SelectedInvitationPagesController } from './staff/selected-invitation-pages.controller.js';
import { StaffInvitationPagesController } from './staff/staff-invitation-pages.controller.js';
import { StaffPagesController } from './staff/staff-pages.controller.js';
import { WaitingInvitations } from './shell/waiting-invitations.js';
import { StartPage } from './start-page.js';
import { UnsubscribePagesController } from './unsubscribe-pages.controller.js';

export interface PortalOptions {
  /** Whether the portal also serves the page of its components. */
  isDevelopment: boolean;
}

/**
 * Pages for people: the invitation of a link, the start page, the mailbox. They use the commands and queries of the
 * API.
 */
@Module({
  controllers: [
    InvitationPagesController,
    OwnInvitationPagesController,
    OwnNoticesPagesController,
    JoinPagesController,
    UnsubscribePagesController,
    HomeController,
    AccountPagesController,
    PasswordPagesController,
    SessionPagesController,
    OwnHistoryPageController,
    AddressPagesController,
    AccountClosingPagesController,
    PasswordResetPagesController,
    ChangePasswordAddressController,
    MailboxController,
    AssetsController,
    PasswordScriptsController,
    PlacesPagesController,
    PlacePagesController,
    AdminPagesController,
    SettingsPagesController,
    ArchivePagesController,
    NewPlacePagesController,
    InvitePagesController,
    InvitationMenuPagesController,
    ChangeInvitationPagesController,
    SelectedInvitationPagesController,
    StaffInvitationPagesController,
    BatchPagesController,
    StaffPagesController,
    PatientPagesController,
    ObserverPagesController,
    HistoryPagesController,
    RevertPagesController,
    ExplanationPagesController,
    PatientLinkPagesController,
    GroupListPagesController,
    GroupMemberPagesController,
    GroupInvitationPagesController,
    GroupFilePagesController,
    GroupSettingsPagesController,
    RolesPagesController,
    OperationsPagesController,
    ApiReferenceController,
  ],
  providers: [
    Pages,
    InvitationOffers,
    StartPage,
    Navigation,
    VisiblePlaces,
    OwnWrites,
    PeoplePlaces,
    PortalGroups,
    NetworkPicker,
    ProfiledPlaces,
    WaitingInvitations,
    WeeksCharts,
    Mailbox,
    ApiDocument,
    { provide: APP_FILTER, useClass: PageErrorFilter },
  ],
})
export class PortalModule {
  static with({ isDevelopment }: PortalOptions): DynamicModule {
    return { module: PortalModule, controllers: isDevelopment ? [ComponentsPageController] : [] };
  }
}
