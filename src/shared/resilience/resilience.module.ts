import { Global, Module } from '@nestjs/common';
import { WorkFailures } from './work-failures.js';

@Global()
@Module({ providers: [WorkFailures], exports: [WorkFailures] })
export class ResilienceModule {}
