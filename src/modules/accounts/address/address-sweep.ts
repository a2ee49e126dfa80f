import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Sweeps } from '../../../shared/cluster/sweeps.js';
import { AddressChanges } from './address-changes.js';

const EVERY_MS = 60_000;

/** Once a minute, ends former addresses whose 7 days are over, and settles changes that a crash left behind. */
@Injectable()
export class AddressSweep {
  constructor(
    private readonly changes: AddressChanges,
    private readonly sweeps: Sweeps,
  ) {}

  @Interval(EVERY_MS)
  async run(): Promise<void> {
    await this.sweeps.run(async () => this.changes.sweep(false));
  }
}
