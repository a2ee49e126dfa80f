import { Body, Controller, Ip, Post, Req, Res } from '@nestjs/common';
import { ApiProperty, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Operation } from '../http/operation.js';
import { Paragraphs, Password } from '../http/fields.js';
import { MAX_PASSWORD_LENGTH } from './authentication.js';
import { Sessions } from './sessions.js';

export class SignInDto {
  @Paragraphs({ description: 'E-mail address', max: 320, example: 'ann@example.org' })
  email: string;
  @Password({ description: 'Password', min: 1, max: MAX_PASSWORD_LENGTH })
  password: string;
}

class SignedIn {
  @ApiProperty({ type: String, description: 'For `Authorization: Bearer`; also set as a cookie' })
  token: string;
}

@ApiTags('Sign-in')
@Controller(['v1/auth', 'auth'])
export class AuthenticationController {
  constructor(private readonly sessions: Sessions) {}

  @Post('sign-in/email')
  @Operation({ summary: 'Signs in by address and password', public: true, answers: SignedIn, codes: ['sign-in-failed', 'too-many-attempts'], storesNothing: true })
  async signIn(@Body() { email, password }: SignInDto, @Ip() address: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<SignedIn> {
    const { token, cookies } = await this.sessions.signIn(email, password, address);
    void reply.header('Set-Cookie', cookies).header('Cache-Control', 'no-store');
    return { token };
  }

  @Post('sign-out')
  @Operation({ summary: 'Ends the session', storesNothing: true })
  async signOut(@Req() { headers }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    const { authorization, cookie } = headers;
    void reply.header('Set-Cookie', await this.sessions.signOut({ authorization, cookie }));
  }
}
