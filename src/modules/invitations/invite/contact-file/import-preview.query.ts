import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { ScopeRef } from '../../../access/access.domain.contract.js';
import { PreviewLimit, type Preview } from '../limits/preview-limit.js';
import type { ProblemCode } from '../../../../shared/problems/problem-codes.js';
import { InvitationPreview, type PreviewedOutcome } from '../dry-run-preview.js';
import { InvitationPolicies } from '../../policy/invitation-policy.js';
import { Recipients, summarise, addressesToInvite, type Recipient } from '../recipients.js';
import type { ImportPreviewView } from './import-preview.dto.js';
import type { LeftOutColumn } from './email-columns.js';
import { readContactFile, type ContactProblem } from './read-contact-file.js';

/** The codes that refuse a preview, besides those of the authorisation. */
export const IMPORT_PREVIEW_CODES: readonly ProblemCode[] = ['not-a-contact-file', 'too-many-rows', 'quota-exceeded'];

/** Previews a contact file before its addresses are invited to a scope, by an invitation of one type. */
export class PreviewImport extends Query<ImportPreviewView> {
  constructor(
    readonly actor: string,
    readonly kind: string,
    readonly scope: ScopeRef,
    readonly file: AsyncIterable<Uint8Array>,
  ) {
    super();
  }
}

/** Stores nothing, sends nothing and records no person. */
@QueryHandler(PreviewImport)
export class PreviewImportHandler implements IQueryHandler<PreviewImport> {
  constructor(
    private readonly policies: InvitationPolicies,
    private readonly invitationPreview: InvitationPreview,
    private readonly previews: PreviewLimit,
  ) {}

  /** @throws RuleBroken one of `IMPORT_PREVIEW_CODES`, or what authorising and reading the upload throw */
  async execute({ actor, kind, scope, file }: PreviewImport): Promise<ImportPreviewView> {
    const policy = this.policies.of(kind);
    const inviter = await policy.authorisePreview(actor, scope);
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
