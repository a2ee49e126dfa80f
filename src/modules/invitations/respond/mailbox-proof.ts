import { Injectable } from '@nestjs/common';
import { Departures } from '../../access/access.contract.js';
import { type SessionHeaders, Sessions } from '../../accounts/accounts.contract.js';
import { ProjectionRunner } from '../../../shared/projections/projection-runner.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { InvitationLinks } from '../links/invitation-links.js';
import { lastIssueIn } from '../domain/membership-stream.js';

const PATIENCE_MS = 3000;

/**
 * Whoever holds no place may have lost the mailbox with the last one, and an old password proves nothing of it: they accept by a link that was mailed, or
 * once one was opened in their session that was mailed after that place ended. Source: docs/domain.md §6.3
 */
@Injectable()
export class MailboxProof {
  constructor(
    private readonly links: InvitationLinks,
    private readonly sessions: Sessions,
    private readonly departures: Departures,
    private readonly projections: ProjectionRunner,
  ) {}

  /** A link that is good now was opened; marks the session of its invitee, and no other, unless a place of theirs ended since it was issued. @throws RuleBroken as `openCurrent` */
  async opened(token: string, viewer: string | null, headers: SessionHeaders): Promise<void> {
    if (viewer === null) return;
    const { personId, history } = await this.links.openCurrent(token);
    const issued = lastIssueIn(history);
    if (personId !== viewer || !issued || (await this.sessions.hasProvenMailbox(headers))) return;
    // A place that the lists don't know yet would hide its end: then nothing is proven.
    if (
      (await this.projections.caughtUp(PATIENCE_MS)) &&
      !(await this.departures.lostPlaceSince(personId, issued.position))
    )
      await this.sessions.proveMailbox(headers);
  }

  /** Whether somebody who is signed in may accept without the link. */
  async isGiven(personId: string, headers: SessionHeaders): Promise<boolean> {
    if (await this.sessions.hasProvenMailbox(headers)) return true;
    // Somebody who accepted a moment ago holds a place that the lists may not know yet.
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
