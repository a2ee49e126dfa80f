import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { type ImportPreviewView, ImportPreview } from '../../invitations/invitations.contract.js';
import { GroupAccess } from '../group-access.js';
import { GroupInvitationPolicy } from './group-invitation.policy.js';

/** Previews a contact file before its addresses are invited to a group. */
export class PreviewGroupImport extends Query<ImportPreviewView> {
  constructor(
    readonly actor: string,
    readonly groupId: string,
    readonly file: AsyncIterable<Uint8Array>,
  ) {
    super();
  }
}

@QueryHandler(PreviewGroupImport)
export class PreviewGroupImportHandler implements IQueryHandler<PreviewGroupImport> {
  constructor(
    private readonly access: GroupAccess,
    private readonly importPreview: ImportPreview,
    private readonly groupInvitationPolicy: GroupInvitationPolicy,
  ) {}

  async execute({ actor, groupId, file }: PreviewGroupImport): Promise<ImportPreviewView> {
    const { scope } = await this.access.requireOpenAppointer(actor, groupId);
    return this.importPreview.preview(this.groupInvitationPolicy, { actor, scope, identifies: true, file });
  }
}
