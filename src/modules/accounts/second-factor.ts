import { Injectable } from '@nestjs/common';

/** Decides who needs more than a password to sign in. Nobody does yet, because nobody can set up a second factor. */
@Injectable()
export class SecondFactor {
  async isNeeded(_personId: string): Promise<boolean> {
    return Promise.resolve(false);
  }
}
