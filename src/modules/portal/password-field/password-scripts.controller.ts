import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { PublicRoute } from '../../../shared/http/route-markers.js';
import { KEPT_FOR_A_YEAR } from '../assets.js';
import { PASSWORD_ELEMENT, PASSWORD_STRENGTH } from './password-scripts.js';

/** The scripts of password fields. */
@ApiExcludeController()
@Controller('assets')
export class PasswordScriptsController {
  @Get('password-element.js')
  @PublicRoute()
  @Header('Content-Type', 'text/javascript; charset=utf-8')
  @Header('Cache-Control', KEPT_FOR_A_YEAR)
  element(): string {
    return PASSWORD_ELEMENT.text;
  }

  @Get('password-strength.js')
  @PublicRoute()
  @Header('Content-Type', 'text/javascript; charset=utf-8')
  @Header('Cache-Control', KEPT_FOR_A_YEAR)
  strength(): string {
    return PASSWORD_STRENGTH.text;
  }
}
