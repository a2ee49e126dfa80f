import { Injectable } from '@nestjs/common';
import { PreviewLimit, type Preview } from '../limits/preview-limit.js';
import type { ProblemCode } from '../../../../shared/problems/problem-codes.js';
import { InvitationPreview, type PreviewedOutcome, type Inviter } from '../dry-run-preview.js';
import type { InvitationPolicy } from '../../policy/invitation-policy.js';
import { Recipients, summarise, addressesToInvite, type Recipient } from '../recipients.js';
import type { ImportPreviewView } from './import-preview.dto.js';
import type { LeftOutColumn } from './email-columns.js';
import { readContactFile, type ContactProblem } from './read-contact-file.js';

/** Codes that a preview may be refused with, besides those of the authorisation. */
export const IMPORT_PREVIEW_CODES: readonly ProblemCode[] = ['not-a-contact-file', 'too-many-rows', 'quota-exceeded'];

/** An authorised call that previews a contact file. */
export interface ImportPreviewCall extends Inviter {
  file: AsyncIterable<Uint8Array>;
}

/** Reads a contact file and previews inviting its addresses. Nothing is stored or sent, and no person is recorded. */
@Injectable()
export class ImportPreview {
  constructor(
    private readonly invitationPreview: InvitationPreview,
    private readonly previews: PreviewLimit,
  ) {}

  /** @throws RuleBroken one of `IMPORT_PREVIEW_CODES`, or what reading the upload throws */
  async preview(policy: InvitationPolicy, { file, ...inviter }: ImportPreviewCall): Promise<ImportPreviewView> {
    const judged = new Recipients();
    const found: (Recipient & { line: number })[] = [];
    const problems: ContactProblem[] = [];
    const columnsLeftOut: LeftOutColumn[] = [];
    for await (const entry of readContactFile(file, columnsLeftOut)) {
      if ('reason' in entry) problems.push(entry);
      else found.push({ line: entry.line, ...judged.next(entry.email, entry.address) });
    }
    const preview: Preview = { kind: 'file-review', actor: inviter.actor, scope: inviter.scope };
    const addresses = addressesToInvite(found);
    await this.previews.count(preview, addresses);
    const previewed = await this.invitationPreview.of(policy, inviter, addresses);
    const recipients = found.map(({ line, email, address, outcome }) => {
      const described: PreviewedOutcome = outcome
        ? { outcome }
        : ((address && previewed.get(address)) ?? { outcome: 'invited' });
      return { line, email, ...described };
    });
    const summary = summarise(recipients);
    this.previews.note(preview, recipients.length, summary);
    return { recipients, problems, ...(columnsLeftOut.length > 0 ? { columnsLeftOut } : {}), summary };
  }
}
