import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { PGlite } from '@electric-sql/pglite';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { AppModule } from '../app.module.js';
import { ConfigError, type Config } from './config.js';
import { ENTITIES } from './entities.js';
import { generatePassword, hasSuperAdmin, makeSuperAdmin } from './first-run.js';
import { instanceOf, nestLogger } from './logging.js';
import { MIGRATIONS } from '../migrations/migrations.js';
import { serveOpenApi } from './openapi.js';
import { Accounts } from '../modules/accounts/accounts.js';
import { faultOf, passwordError } from '../modules/accounts/new-password.js';
import { Sessions } from '../modules/accounts/sessions.js';
import type { PasswordHashing } from '../modules/accounts/authentication.js';
import { Clock } from '../shared/time/clock.js';
import { Database } from '../shared/database/database.js';
import { EXPOSED } from '../shared/database/peer.js';
import { runInContext } from '../shared/request-context/request-context.js';
import { EventStoreRefuses } from '../shared/event-sourcing/event-store-refuses.js';
import { EventStore, EventStoreUnavailable } from '../shared/event-sourcing/event-store.js';
import type { HealthLimits } from '../shared/health/health.js';
import { limitBodies, MAX_BODY_BYTES } from '../shared/http/sizes/body-limits.js';
import { acceptFiles } from '../shared/http/file-upload.js';
import { Metrics } from '../shared/http/metrics/metrics.js';
import { MetricsServer } from '../shared/http/metrics/metrics-server.js';
import { answerUnreadable, answerUnroutable, takeJsonAlone } from '../shared/http/fastify-edges.js';
import { sendEventPosition } from '../shared/http/positions/event-position.js';
import { firstSegment, withoutPrefix } from '../shared/http/links/kept-prefix.js';
import { trusting, warnOfUntrustedProxies } from '../shared/http/links/origin.js';
import { withoutPastedEnd } from '../shared/http/links/pasted-links.js';
import { PositionTokens } from '../shared/http/positions/position-tokens.js';
import { PublicUrl } from '../shared/http/links/public-url.js';
import {
  endSlowBodies,
  REQUEST_TIMEOUTS,
  timeoutOptions,
  type RequestTimeouts,
} from '../shared/http/sizes/request-timeouts.js';
import { securityHeaders } from '../shared/http/security-headers.js';
import { ExpirySchedule } from '../modules/invitations/manage/expiry.schedule.js';
import { NotificationBus } from '../shared/cluster/notification-bus.js';
import { LeaderElection } from '../shared/cluster/leader-election.js';
import { adoptLog } from './log-identity/adopt-log.js';
import { MailServer } from '../shared/mail/mail-server.js';
import { MailTransport } from '../shared/mail/mail-transport.js';
import { readSender } from '../shared/mail/sender.js';
import { refuseUnfinishedImport } from '../shared/transfer/unfinished-import.js';
import { normaliseEmail, type EmailAddress } from '../shared/mail/email-address.js';
import { OtherMasterKey } from '../shared/crypto/installation-key.js';
import { People } from '../modules/people/people.js';
import { Pseudonyms } from '../modules/people/pseudonyms.js';
import { ProjectionRunner } from '../shared/projections/projection-runner.js';
import { MailDispatcher } from '../shared/outbox/mail-dispatcher.js';
import { ProcessManagerRunner } from '../shared/process-managers/process-manager-runner.js';
import type { SharedOptions } from '../core.module.js';
import { print } from './terminal.js';

/** Node refuses addresses before they reach this length, so a damaged link gets the usual response. */
const MAX_PARAM_LENGTH = 16_384;
const EVENT_STORE_READY_WITHIN_MS = 30_000;
const EMBEDDED_ADMIN = 'admin@rolecall.example';

export interface RunningServer {
  app: NestFastifyApplication;
  /** The address the server listens on. */
  url: string;
  /** The address of the metrics' own port; null: they have none. */
  metricsUrl: string | null;
  /** Finishes the requests and work in progress, then stops. */
  close(): Promise<void>;
}

/** Replacements for tests. */
export interface Substitutes {
  /** A running PGlite, used instead of the data directory. */
  pglite?: PGlite | undefined;
  /** Lets tests pass days at once. */
  clock?: Clock | undefined;
  /** A cheap hash makes tests faster. */
  passwordHashing?: PasswordHashing | undefined;
  /** Lets tests wait less than half a minute. */
  requestTimeouts?: Partial<RequestTimeouts> | undefined;
  /** Lets tests wait less for health checks. */
  healthLimits?: Partial<HealthLimits> | undefined;
}

type Parts = Pick<SharedOptions, 'database' | 'clock' | 'passwordHashing' | 'healthLimits'> &
  Pick<Substitutes, 'requestTimeouts'>;

/** Starts the product and resolves when it accepts requests. */
export async function startServer(
  config: Config,
  logger: Logger,
  { pglite, clock = new Clock(), passwordHashing, requestTimeouts, healthLimits }: Substitutes = {},
): Promise<RunningServer> {
  const embedded = pglite ?? `${config.dataDir}/postgres`;
  const onWaiting = (sentence: string): void => {
    logger.warn({ msg: sentence });
  };
  const database = await Database.open({
    url: config.databaseUrl ?? undefined,
    embedded,
    entities: ENTITIES,
    migrations: MIGRATIONS,
    onWaiting,
  });
  if (database.exposed) logger.warn({ msg: EXPOSED });
  for (const { code, message } of database.warnings) logger.warn({ code, msg: message });
  const app = await createApp(config, logger, { database, clock, passwordHashing, requestTimeouts, healthLimits });
  const parts: { metrics?: MetricsServer } = {};
  const close = closer(app, database, parts);
  try {
    await startWork(app, config);
    if (config.metricsPort !== null) parts.metrics = await MetricsServer.start(app.get(Metrics), config.metricsPort);
    await app.listen(config.port, config.host);
    const url = await app.getUrl();
    app.get(PublicUrl).listeningOn(url.replace('[::1]', 'localhost'));
    await app.get(MailDispatcher).start();
    warnAboutSender(config, logger);
    app.get(MailServer).start();
    app.get(ExpirySchedule).start();
    return { app, url, metricsUrl: parts.metrics?.url ?? null, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function createApp(
  config: Config,
  logger: Logger,
  { requestTimeouts, ...parts }: Parts,
): Promise<NestFastifyApplication> {
  const timeouts = { ...REQUEST_TIMEOUTS, ...requestTimeouts };
  const isTrusted = trusting(config.trustedProxies);
  const ownSegments = new Set<string>();
  const unprefixed = withoutPrefix(config.publicUrl, ownSegments);
  const rewriteUrl = (request: IncomingMessage): string => withoutPastedEnd(unprefixed(request));
  const adapter = new FastifyAdapter({
    ...timeoutOptions(timeouts),
    bodyLimit: MAX_BODY_BYTES,
    trustProxy: config.trustedProxies.length > 0 && isTrusted,
    genReqId: () => randomUUID(),
    forceCloseConnections: 'idle',
    frameworkErrors: answerUnroutable,
    clientErrorHandler: answerUnreadable,
    rewriteUrl,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
  });
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.with({ ...config, ...parts, instance: instanceOf(logger) }),
    adapter,
    { logger: nestLogger(logger), abortOnError: false },
  );
  const fastify = adapter.getInstance<FastifyInstance>();
  fastify.addHook('onRoute', ({ path }) => {
    ownSegments.add(firstSegment(path));
  });
  observeRequests(fastify, logger, app.get(Metrics), {
    ...securityHeaders(config.publicUrl, config.hstsSubdomains),
    'Cache-Control': 'no-store',
  });
  warnOfUntrustedProxies(fastify, isTrusted);
  endSlowBodies(fastify, timeouts);
  await acceptFiles(fastify);
  takeJsonAlone(fastify);
  limitBodies(app, app.get(Sessions));
  sendEventPosition(fastify, app.get(PositionTokens));
  serveOpenApi(app);
  return app;
}

/**
 * Adds the response headers before any other hook can refuse a request.
 * Opens the request's context before validation. Logs one line per response, with the route's pattern and never its
 * address.
 */
function observeRequests(
  fastify: FastifyInstance,
  logger: Logger,
  metrics: Metrics,
  headers: Readonly<Record<string, string>>,
): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.headers({ ...headers, 'Request-Id': request.id });
    // Some clients declare JSON and send an empty body. They mean no body.
    if (request.headers['content-length'] === '0') delete request.headers['content-type'];
    done();
  });
  fastify.addHook('preValidation', (request, _reply, done) => {
    runInContext({ correlationId: request.id, causationId: request.id, commandId: request.id }, done);
  });
  fastify.addHook('onResponse', (request: FastifyRequest & { personId?: string | null }, reply, done) => {
    const { method, id, routeOptions, personId } = request;
    const route = routeOptions.url ?? 'unknown';
    metrics.observeRequest(method, route, reply.statusCode, reply.elapsedTime);
    logger.info({
      requestId: id,
      ...(personId ? { actor: personId } : {}),
      method,
      route,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      msg: 'request',
    });
    done();
  });
}

async function startWork(app: INestApplication, config: Config): Promise<void> {
  await refuseUnfinishedImport(app.get(Database).kysely());
  const other = await app.get(People).otherSecret();
  if (other !== null)
    throw new ConfigError([`${other} is not the one that people were recorded with here: set that one`]);
  await eventStoreAnswers(app.get(EventStore));
  // This check comes first, because later steps write to the database and the log.
  await adoptLog(app.get(Database), app.get(EventStore));
  await Promise.all([app.get(Pseudonyms).open(), app.get(PositionTokens).open()]).catch((error: unknown) => {
    if (error instanceof OtherMasterKey) throw new ConfigError([`MASTER_KEY ${error.message}`]);
    throw error;
  });
  await app.init();
  app.get(NotificationBus).start();
  await app.get(ProjectionRunner).start();
  await app.get(ProcessManagerRunner).start();
  app.get(LeaderElection).start();
  await app.get(Accounts).sweep(config.databaseUrl === null);
  if (await hasSuperAdmin(app)) return;
  if (config.admin) {
    const fault = faultOf(config.admin.password, normaliseEmail(config.admin.email) as EmailAddress);
    if (fault) throw new ConfigError([`ADMIN_PASSWORD ${passwordError(fault).message}`]);
    return makeSuperAdmin(app, config.admin);
  }
  if (config.databaseUrl)
    throw new ConfigError(['ADMIN_EMAIL and ADMIN_PASSWORD are required: no super-admin is known yet']);
  const admin = { email: EMBEDDED_ADMIN, password: generatePassword() };
  await makeSuperAdmin(app, admin);
  print(
    '',
    'First run. Sign in as the super-admin; this password is shown once:',
    `  ${admin.email}`,
    `  ${admin.password}`,
    '',
  );
}

/** Warns when the sender is the default one, because mail servers refuse mail from unknown domains. */
function warnAboutSender({ smtpUrl, isMailFromSet, mailFrom }: Config, logger: Logger): void {
  if (smtpUrl !== null && !isMailFromSet)
    logger.warn({ sender: readSender(mailFrom)?.address, msg: 'MAIL_FROM is not set: mails come from this sender' });
}

/**
 * Waits for the event store, because a cluster may still elect its leader and a container may still start.
 * @throws EventStoreUnavailable after a while, EventStoreRefuses at once
 */
async function eventStoreAnswers(store: EventStore): Promise<void> {
  for (const giveUpAt = performance.now() + EVENT_STORE_READY_WITHIN_MS; ;) {
    try {
      await store.ping();
      return;
    } catch (error) {
      const mayPass = error instanceof EventStoreUnavailable && !(error instanceof EventStoreRefuses);
      if (!mayPass || performance.now() > giveUpAt) throw error;
    }
  }
}

function closer(
  app: NestFastifyApplication,
  database: Database,
  parts: { metrics?: MetricsServer },
): () => Promise<void> {
  return async () => {
    await parts.metrics?.close();
    await app.get(ExpirySchedule).stop();
    // Requests end first, because they may leave work for the services below.
    await app.close();
    await app.get(MailDispatcher).stop();
    app.get(MailServer).stop();
    await app.get(LeaderElection).stop();
    await app.get(ProjectionRunner).stop();
    await app.get(NotificationBus).stop();
    await app.get(EventStore).close();
    app.get(MailTransport).close();
    await database.close();
  };
}
