export type EnrolmentStatus = 'none' | 'active' | 'offboarded';

/** Who is a patient where. Implemented by the patients context on membership streams; shared code knows only this. */
export abstract class Enrolments {
  /** At this moment, from the stream. */
  abstract statusIn(personId: string, deploymentId: string): Promise<EnrolmentStatus>;
}
