import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import { ApiProperty, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendCookies } from '../../shared/http/cookies.js';
import { Operation } from '../access/access.contract.js';
import { CookieRoute } from '../../shared/http/route-markers.js';
import { Origin } from '../../shared/http/links/origin.js';
import { MultilineField, PasswordField } from '../../shared/http/fields.js';
import { MAX_PASSWORD_LENGTH } from './authentication.js';
import { Sessions } from './sessions.js';

export class SignInDto {
  @MultilineField({ description: 'E-mail address', max: 320, example: 'ann@example.org' })
  email: string;
  @PasswordField({ description: 'Password', example: 'nine quiet otters', min: 1, max: MAX_PASSWORD_LENGTH })
  password: string;
}

class SignedIn {
  @ApiProperty({
    type: String,
    description: 'Session token for `Authorization: Bearer`; the answer also sets it as a cookie',
  })
  token: string;
}

@ApiTags('Sign-in')
@Controller(['v1/auth', 'auth'])
export class AuthenticationController {
  constructor(private readonly sessions: Sessions) {}

  @Post('sign-in/email')
  @CookieRoute()
  @Operation({
    summary: 'Sign in with an e-mail address and a password',
    public: true,
    answers: SignedIn,
    codes: ['sign-in-failed', 'second-factor-needed', 'too-many-attempts', 'too-many-conflicts', 'too-busy'],
    description:
      'Ends the session of the cookie that comes with the call. Calls from another site are refused with 403, by Sec-Fetch-Site or Origin. `second-factor-needed` opens no session. No account has a second factor yet.',
  })
  async signIn(
    @Body() { email, password }: SignInDto,
    @Origin() origin: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SignedIn> {
    const { token, cookies } = await this.sessions.signIn(email, password, {
      origin,
      cookie: request.headers.cookie,
      userAgent: request.headers['user-agent'],
    });
    sendCookies(request, reply, cookies);
    return { token };
  }

  @Post('sign-out')
  @CookieRoute()
  @Operation({ summary: 'Sign out', codes: ['too-many-conflicts'] })
  async signOut(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    const { authorization, cookie } = request.headers;
    sendCookies(request, reply, await this.sessions.signOut({ authorization, cookie }));
  }
}
