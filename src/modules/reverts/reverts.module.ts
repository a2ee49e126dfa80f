import { Module } from '@nestjs/common';
import { FindRevertibleHandler } from './find-revertible.query.js';
import { RevertEntryHandler } from './revert-entry.command.js';
import { Reverts } from './reverts.js';
import { RevertsController } from './reverts.controller.js';

@Module({ controllers: [RevertsController], providers: [Reverts, RevertEntryHandler, FindRevertibleHandler] })
export class RevertsModule {}
