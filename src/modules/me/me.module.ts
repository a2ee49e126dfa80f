import { Module } from '@nestjs/common';
import { GetMeHandler } from './get-me.query.js';
import { MeController } from './me.controller.js';

/** What all modules know of the signed-in person. */
@Module({ controllers: [MeController], providers: [GetMeHandler] })
export class MeModule {}
