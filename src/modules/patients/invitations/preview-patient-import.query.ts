import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Authorization } from '../../access/access.contract.js';
import { type ImportPreviewView, ImportPreview } from '../../invitations/invitations.contract.js';
import { PatientInvitationPolicy } from './patient-invitation.policy.js';

/** Previews a contact file before its addresses are invited as patients. */
export class PreviewPatientImport extends Query<ImportPreviewView> {
  constructor(
    readonly actor: string,
    readonly deploymentId: string,
    readonly file: AsyncIterable<Uint8Array>,
  ) {
    super();
  }
}

@QueryHandler(PreviewPatientImport)
export class PreviewPatientImportHandler implements IQueryHandler<PreviewPatientImport> {
  constructor(
    private readonly authorization: Authorization,
    private readonly importPreview: ImportPreview,
    private readonly patientInvitationPolicy: PatientInvitationPolicy,
  ) {}

  async execute({ actor, deploymentId, file }: PreviewPatientImport): Promise<ImportPreviewView> {
    const { scope, effectivePermissions } = await this.authorization.requirePreview(actor, 'patients.manage', {
      kind: 'deployment',
      id: deploymentId,
    });
    return this.importPreview.preview(this.patientInvitationPolicy, {
      actor,
      scope,
      identifies: effectivePermissions.can('patients.view-identifiers'),
      file,
    });
  }
}
