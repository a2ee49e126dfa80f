import fc from 'fast-check';
import { EXPIRY_WINDOWS, type ExpiryWindow } from '../../src/modules/invitations/domain/expiry-windows.js';

/** A model of docs/domain.md §6.2 in few words: the mailed links, and the end of the invitation. */
export interface Lifecycle {
  /** The mailed links in order. Only the last one can be open. */
  links: { invitationId: string; closes: number }[];
  ended: 'accepted' | 'declined' | 'revoked' | null;
  window: ExpiryWindow;
  /** Whether the schedule has recorded the expiry. */
  noted: boolean;
}

/** A step. `back` counts links from the newest, which is 0. */
export type Step =
  | { do: 'wait'; ms: number }
  | { do: 'invite'; window: ExpiryWindow }
  | { do: 'resend'; back: number; window: ExpiryWindow | undefined }
  | { do: 'revoke'; back: number }
  | { do: 'accept' | 'decline'; back: number }
  | { do: 'note expiry' };

export const windows = fc.constantFrom(...(Object.keys(EXPIRY_WINDOWS) as ExpiryWindow[]));
export const back = fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(3));
export const nothingYet = (): Lifecycle => ({ links: [], ended: null, window: '7d', noted: false });

/** The same day of the next calendar year. */
function nextYear(now: number): number {
  const date = new Date(now).toISOString();
  const next = String(Number(date.slice(0, 4)) + 1);
  return Date.parse(`${next}${date.slice(4).replace(/^-02-29/, '-02-28')}`);
}

/** Applies the step to the model. @returns the expected outcome, in one word */
export function expected(model: Lifecycle, step: Step, now: number, nextId: string): string {
  const newest = model.links.at(-1);
  const past = newest !== undefined && now >= newest.closes;
  const open = newest !== undefined && model.ended === null;
  const mail = (invitationId: string, window: ExpiryWindow): void => {
    model.links.push({ invitationId, closes: window === '1y' ? nextYear(now) : now + EXPIRY_WINDOWS[window] });
    Object.assign(model, { ended: null, window, noted: false });
  };
  const isNewest = 'back' in step && idAt(model, step.back) === newest?.invitationId;
  switch (step.do) {
    case 'wait':
      return 'nothing';
    case 'invite':
      if (open && !past) return 'nothing';
      mail(nextId, step.window);
      return 'InvitationIssued';
    case 'resend':
      if (!newest || !open || !isNewest) return 'not-resendable';
      mail(newest.invitationId, step.window ?? model.window);
      return 'InvitationReissued';
    case 'revoke':
      if (isNewest && model.ended === 'revoked') return 'nothing';
      if (!open || !isNewest) return 'not-revocable';
      model.ended = 'revoked';
      return 'InvitationRevoked';
    case 'accept':
    case 'decline': {
      if (step.back >= model.links.length) return 'invitation-not-found';
      if (step.back > 0) return 'invitation-superseded';
      if (model.ended) return `invitation-${model.ended}`;
      if (past) return 'invitation-expired';
      model.ended = step.do === 'accept' ? 'accepted' : 'declined';
      return step.do === 'accept' ? 'InvitationAccepted' : 'InvitationDeclined';
    }
    case 'note expiry':
      if (!open || !past || model.noted) return 'nothing';
      model.noted = true;
      return 'InvitationExpired';
  }
}

/** The invitation id of the link `n` back from the newest, or an unknown id if there are fewer links. */
export function idAt(model: Lifecycle, n: number): string {
  return model.links.at(-1 - n)?.invitationId ?? 'never';
}
