import { Module } from '@nestjs/common';
import { GetMeHandler } from './get-me.query.js';
import { MeController } from './me.controller.js';

/** What the contexts together know of whoever is signed in. */
@Module({ controllers: [MeController], providers: [GetMeHandler] })
export class MeModule {}
