import { Injectable } from '@nestjs/common';
import { Departures } from '../../access/access.contract.js';
import { type SessionHeaders, Sessions } from '../../accounts/accounts.contract.js';
import { ProjectionRunner } from '../../../shared/projections/projection-runner.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { InvitationLinks } from '../links/invitation-links.js';
import { lastIssueIn } from '../domain/membership-stream.js';

const PATIENCE_MS = 3000;

/**
 * Decides who may accept without a link. A person without a place may have lost the mailbox with their last place, and
 * a password proves no mailbox. They need a link that was mailed after that place ended: they accept by it, or open it
 * once in their session. Source: docs/domain.md §6.3
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
   * Records that a session opened a current link. Marks only the session of the link's invitee, and only if they lost
   * no place since the link was issued.
   * @throws RuleBroken as `openCurrent`
   */
  async opened(token: string, viewer: string | null, headers: SessionHeaders): Promise<void> {
    if (viewer === null) return;
    const { personId, history } = await this.links.openCurrent(token);
    const issued = lastIssueIn(history);
    if (personId !== viewer || !issued || (await this.sessions.hasProvenMailbox(headers))) return;
    // A link proves nothing while read models lag, because they may not know a place or its end yet.
    if (
      (await this.projections.caughtUp(PATIENCE_MS)) &&
      !(await this.departures.lostPlaceSince(personId, issued.position))
    )
      await this.sessions.proveMailbox(headers);
  }

  /** Whether a signed-in person may accept without the link: their session opened one, or they hold a place. */
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
