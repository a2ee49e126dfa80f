import type { ExpiryWindow } from '../../../../src/modules/invitations/domain/expiry-windows.js';
import type { Api, TestServer } from '../../../support/test-server.js';
import type { Place } from '../../../support/scenarios.js';
import type { InvitationScenarios } from './invitation-scenarios.js';

/** A signed-in person with an account. */
export interface Person {
  email: string;
  api: Api;
}

/** A place that people are invited to. */
export interface InvitedTo extends Place {
  /** The scope as the API shows it. */
  scope: { kind: string; id: string; name: string };
  /** The scopes whose archiving archives the place. Each is archived and restored by its path. */
  archivedBy: readonly Place[];
}

/** The tests of one rule, by their names. */
export type RuleTests = Readonly<Record<string, (scenarios: InvitationScenarios) => Promise<void>>>;
/** The tests of each rule, by the name of its row in the table. */
export type Rules = Readonly<Record<string, RuleTests>>;

/** What the suite of rules needs to know of an invitation type. */
export interface InvitationType {
  name: string;
  /** The name of the type in links, acceptances and own invitations. */
  kind: string;
  /** The row of the table that names its windows. */
  expiryRule: string;
  windows: readonly ExpiryWindow[];
  defaultWindow: ExpiryWindow;
  /** Functions that each make a new place, one for each kind of place that people are invited to. */
  places: readonly ((server: TestServer) => Promise<InvitedTo>)[];
  /** Two grants, as the body of a call holds them and the API shows them. */
  grants: readonly [Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>];
  /** What an outcome shows, besides the id, of a pending invitation with the first grant. */
  offered: Readonly<Record<string, unknown>>;
  /** Whether a person with `mayInvite` sees whom others invited. */
  mayInviteIdentifies: boolean;
  /** Whether a person with `mayNotInvite` sees invitations. */
  mayNotInviteSees: boolean;
  /** The path that invites people and lists invitations. `<path>/import` previews a contact file. */
  invitationsPath(place: InvitedTo): string;
  /** The path of one invitation. `<path>/resend` resends it. */
  invitationPath(invitationId: string): string;
  /** The path that invites the people who work at a place. */
  workersPath(place: InvitedTo): string;
  /** Grants for a call of `workersPath`: one whose holder may invite to the place, and one whose holder may not. */
  mayInvite: Readonly<Record<string, unknown>>;
  mayNotInvite: Readonly<Record<string, unknown>>;
  /** The addresses of the invited members of a place. */
  memberEmails(server: TestServer, place: InvitedTo): Promise<string[]>;
  endMembership(server: TestServer, membershipId: string): Promise<void>;
}
