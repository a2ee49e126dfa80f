import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';

/** Leads password managers to the form. Source: W3C, A Well-Known URL for Changing Passwords */
@ApiExcludeController()
@Controller('.well-known/change-password')
export class ChangePasswordAddressController {
  constructor(private readonly pages: Pages) {}

  @Get()
  @Page()
  toTheForm(@Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}/account/password`);
  }
}
