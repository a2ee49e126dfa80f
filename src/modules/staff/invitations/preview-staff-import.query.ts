import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Authorization } from '../../access/access.contract.js';
import { type ImportPreviewView, ImportPreview } from '../../invitations/invitations.contract.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { StaffInvitationPolicy } from './staff-invitation.policy.js';

/** Previews a contact file before its addresses are invited to the staff of a scope. */
export class PreviewStaffImport extends Query<ImportPreviewView> {
  constructor(
    readonly actor: string,
    readonly scope: ScopeRef,
    readonly file: AsyncIterable<Uint8Array>,
  ) {
    super();
  }
}

@QueryHandler(PreviewStaffImport)
export class PreviewStaffImportHandler implements IQueryHandler<PreviewStaffImport> {
  constructor(
    private readonly authorization: Authorization,
    private readonly importPreview: ImportPreview,
    private readonly staffInvitationPolicy: StaffInvitationPolicy,
  ) {}

  async execute({ actor, scope: ref, file }: PreviewStaffImport): Promise<ImportPreviewView> {
    const { scope, effectivePermissions } = await this.authorization.requirePreview(actor, 'staff.manage', ref);
    return this.importPreview.preview(this.staffInvitationPolicy, {
      actor,
      scope,
      identifies: effectivePermissions.can('staff.view'),
      file,
    });
  }
}
