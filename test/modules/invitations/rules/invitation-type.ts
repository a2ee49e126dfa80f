import type { ExpiryWindow } from '../../../../src/modules/invitations/domain/expiry-windows.js';
import type { Api, TestServer } from '../../../support/test-server.js';
import type { Place } from '../../../support/scenarios.js';
import type { InvitationScenarios } from './invitation-scenarios.js';

/** Somebody with an account, signed in. */
export interface Person {
  email: string;
  api: Api;
}

/** Where people are invited to. */
export interface InvitedTo extends Place {
  /** As the API shows it. */
  scope: { kind: string; id: string; name: string };
  /** What archives it: itself, and what is above it. Each is archived and restored by its path. */
  archivedBy: readonly Place[];
}

/** What happens under a rule, each said as a sentence; all of it over HTTP. */
export type RuleTests = Readonly<Record<string, (scenarios: InvitationScenarios) => Promise<void>>>;
/** By the name of the table's row. */
export type Rules = Readonly<Record<string, RuleTests>>;

/** All that the rules' suite has to know of an invitation type. */
export interface InvitationType {
  name: string;
  /** What links, acceptances and own invitations call it. */
  kind: string;
  /** The row of the table that names its windows. */
  expiryRule: string;
  windows: readonly ExpiryWindow[];
  defaultWindow: ExpiryWindow;
  /** Makes a place of each kind that people are invited to; a new one each time. */
  places: readonly ((server: TestServer) => Promise<InvitedTo>)[];
  /** Two offers, as the body of a call holds them and the API shows them. */
  grants: readonly [Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>];
  /** What an outcome says besides its id of a pending one with the first offer. */
  offered: Readonly<Record<string, unknown>>;
  /** Whether who may invite may also see who is invited by others, and whether who may not invite sees invitations at all. */
  mayInviteIdentifies: boolean;
  mayNotInviteSees: boolean;
  /** Where people are invited to a place, and its invitations listed; `<path>/import` previews a contact file. */
  invitationsPath(place: InvitedTo): string;
  /** `<path>/resend` sends it again. */
  invitationPath(invitationId: string): string;
  /** Where those are invited who work at a place. */
  workersPath(place: InvitedTo): string;
  /** What they are offered there, as the body of that call holds it: one who may then invite, and one who may not. */
  mayInvite: Readonly<Record<string, unknown>>;
  mayNotInvite: Readonly<Record<string, unknown>>;
  /** Addresses of the members of a place who were invited. */
  memberEmails(server: TestServer, place: InvitedTo): Promise<string[]>;
  endMembership(server: TestServer, membershipId: string): Promise<void>;
}
