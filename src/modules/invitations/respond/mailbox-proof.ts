import { Injectable } from '@nestjs/common';
import { Departures } from '../../access/access.contract.js';
import { type SessionHeaders, Sessions } from '../../accounts/accounts.contract.js';
import { ProjectionRunner } from '../../../shared/projections/projection-runner.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { InvitationLinks } from '../links/invitation-links.js';
import { lastIssueIn } from '../domain/membership-stream.js';

const PATIENCE_MS = 3000;

/**
 * Decides who may accept without a link. A person without a place may have lost the mailbox with the last one, and an
 * old password doesn't prove it. They accept by a mailed link. They may also accept once a link was opened in their
 * session that was mailed after that place ended. Source: docs/domain.md §6.3
 */
@Injectable()
export class MailboxProof {
  constructor(
    private readonly links: InvitationLinks,
    private readonly sessions: Sessions,
    private readonly departures: Departures,
    private readonly projections: ProjectionRunner,
  ) {}

  /**
   * Records that a current link was opened. It marks only the session of the link's invitee, and only if no place of
   * theirs ended since the link was issued.
   * @throws RuleBroken as `openCurrent`
   */
  async opened(token: string, viewer: string | null, headers: SessionHeaders): Promise<void> {
    if (viewer === null) return;
    const { personId, history } = await this.links.openCurrent(token);
    const issued = lastIssueIn(history);
    if (personId !== viewer || !issued || (await this.sessions.hasProvenMailbox(headers))) return;
    // Nothing is proved while read models lag, because an unknown place would hide its end.
    if (
      (await this.projections.caughtUp(PATIENCE_MS)) &&
      !(await this.departures.lostPlaceSince(personId, issued.position))
    )
      await this.sessions.proveMailbox(headers);
  }

  /** Whether a signed-in person may accept without the link. */
  async isGiven(personId: string, headers: SessionHeaders): Promise<boolean> {
    if (await this.sessions.hasProvenMailbox(headers)) return true;
    // Waits, because read models may not know the place of a person who accepted a moment ago.
    return (
      (await this.projections.lookUp(async () => ((await this.departures.holdsPlace(personId)) ? true : undefined))) ??
      false
    );
  }

  /** @throws RuleBroken `use-the-link` */
  async mustBeGiven(personId: string, headers: SessionHeaders): Promise<void> {
    if (!(await this.isGiven(personId, headers))) throw new RuleBroken('use-the-link');
  }
}
