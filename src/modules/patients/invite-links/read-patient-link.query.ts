import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { OpenedPatientLink } from './patient-link.dto.js';
import { PatientLinks } from './patient-links.js';

/** The deployment that a patient link leads to. Changes nothing. */
export class ReadPatientLink extends Query<OpenedPatientLink> {
  constructor(readonly token: string) {
    super();
  }
}

@QueryHandler(ReadPatientLink)
export class ReadPatientLinkHandler implements IQueryHandler<ReadPatientLink> {
  constructor(private readonly links: PatientLinks) {}

  async execute({ token }: ReadPatientLink): Promise<OpenedPatientLink> {
    const { scope, expiresAt } = await this.links.open(token);
    return {
      kind: 'patientLink',
      scope: { kind: scope.kind, id: scope.id, name: scope.name },
      organisation: scope.organisation,
      expiresAt,
    };
  }
}
