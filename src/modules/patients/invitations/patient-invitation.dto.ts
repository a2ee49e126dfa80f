import { InvitePeopleDto, withWindows } from '../../invitations/invitations.contract.js';

/** Source: docs/domain.md §6.2 */
export const PATIENT_WINDOWS = ['24h', '48h', '7d', '1y'] as const;

export class InvitePatientsDto extends withWindows(InvitePeopleDto, PATIENT_WINDOWS, '7d') {}
