import { Injectable } from '@nestjs/common';
import { requireContext } from '../../../shared/request-context/request-context.js';
import { ProjectionRunner } from '../../../shared/projections/projection-runner.js';

/** A page waits this long for the read models, so that it shows what its form has changed. */
const PATIENCE_MS = 2000;

/** Lets the page after a form show what the form has changed. */
@Injectable()
export class OwnWrites {
  constructor(private readonly projections: ProjectionRunner) {}

  /** Resolves when the read models have the events of this request, or after two seconds. */
  async shown(): Promise<void> {
    const { position } = requireContext();
    if (position !== undefined) await this.projections.reached(position, PATIENCE_MS);
  }
}
