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
import { VERSION } from './version.js';
import { ENTITIES } from './entities.js';
import { type FirstAdmin, generatePassword, hasSuperAdmin, makeSuperAdmin } from './first-run.js';
import { mustBeFree } from './free-port.js';
import { LINK_SEGMENTS } from './link-segments.js';
import { instanceOf, nestLogger } from './logging.js';
import { MIGRATIONS } from '../migrations/migrations.js';
import { serveOpenApi } from './openapi.js';
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
import { FileStorage } from '../shared/file-storage/file-storage.js';
import type { FileScanner } from '../shared/file-storage/file-scanner.js';
import { acceptFiles } from '../shared/http/file-upload.js';
import { acceptUploads } from '../shared/http/uploads/upload.js';
import { Metrics } from '../shared/http/metrics/metrics.js';
import { MetricsServer } from '../shared/http/metrics/metrics-server.js';
import { compressPages } from '../shared/http/compression.js';
import { answerUnreadable, answerUnroutable, takeJsonAlone } from '../shared/http/fastify-edges.js';
import { PositionTokens, sendEventPosition } from '../shared/http/positions/event-position.js';
import { firstSegment, withoutPrefix } from '../shared/http/links/kept-prefix.js';
import { PublicUrl, trusting, warnOfUntrustedProxies } from '../shared/http/links/origin.js';
import { withoutPastedEnds } from '../shared/http/links/pasted-links.js';
import {
  endSlowBodies,
  REQUEST_TIMEOUTS,
  timeoutOptions,
  type RequestTimeouts,
} from '../shared/http/sizes/request-timeouts.js';
import { securityHeaders } from '../shared/http/security-headers.js';
import { serveHealthAndMetricsAlone } from '../shared/http/worker-routes.js';
import { Closing } from '../shared/lifecycle/closing.js';
import { Listening } from '../shared/lifecycle/listening.js';
import { ProcessRole } from '../shared/lifecycle/process-role.js';
import { adoptLog } from './log-identity/adopt-log.js';
import { recordedLogId } from './log-identity/log-identity-table.js';
import { readSender } from '../shared/mail/sender.js';
import { refuseUnfinishedImport } from '../shared/transfer/unfinished-import.js';
import { normaliseEmail, type EmailAddress } from '../shared/mail/email-address.js';
import { OtherMasterKey } from '../shared/crypto/installation-key.js';
import { People } from '../modules/people/people.js';
import { Pseudonyms } from '../modules/people/pseudonyms.js';

/** A damaged link gets the usual response, because Node refuses addresses before they reach this length. */
const MAX_PARAM_LENGTH = 16_384;
const EVENT_STORE_READY_WITHIN_MS = 30_000;
/**
 * Half of the time that an orchestrator gives a container to stop. The other half is for work that requests leave
 * behind.
 */
const REQUESTS_END_WITHIN_MS = 30_000;
const CLOSE_IDLE_EVERY_MS = 50;
const EMBEDDED_ADMIN = 'admin@rolecall.example';

export interface RunningServer {
  app: NestFastifyApplication;
  /** The address the server listens on. */
  url: string;
  /** The super-admin that this start made, with a generated password; null: it made none. */
  admin: FirstAdmin | null;
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
  /** Looks at each uploaded file; absent: nothing does. */
  fileScanner?: FileScanner | undefined;
}

/** Starts the product and resolves when it accepts requests. A start that fails closes what it has opened. */
export async function startServer(
  config: Config,
  logger: Logger,
  { pglite, clock = new Clock(), passwordHashing, requestTimeouts, healthLimits, fileScanner }: Substitutes = {},
): Promise<RunningServer> {
  // Checks the ports before it makes a password or opens a database that another instance may be using.
  await mustBeFree('PORT', config.port, config.host);
  if (config.metricsPort !== null) await mustBeFree('METRICS_PORT', config.metricsPort, '127.0.0.1');
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
  const closing = new Closing();
  const edge = edgeOf(config, { ...REQUEST_TIMEOUTS, ...requestTimeouts }, closing);
  const instance = instanceOf(logger);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.with({
      ...config,
      release: VERSION,
      instance,
      closing,
      database,
      clock,
      passwordHashing,
      healthLimits,
      fileScanner,
    }),
    edge.adapter,
    { logger: nestLogger(logger), abortOnError: false },
  ).catch(async (error: unknown) => {
    // No application exists yet whose hooks would close the database.
    await database.close();
    throw error;
  });
  try {
    await prepareRequests(app, config, logger, edge);
    await refuseWrongStart(app);
    await app.init();
    const admin = await ensureSuperAdmin(app, config);
    await app.listen(config.port, config.host);
    const url = await app.getUrl();
    app.get(PublicUrl).listeningOn(url.replace('[::1]', 'localhost'));
    warnAboutSender(config, logger);
    await app.get(Listening).notify();
    const close = async (): Promise<void> => {
      await app.close();
      closing.mustHaveSucceeded();
    };
    return { app, url, admin, metricsUrl: app.get(MetricsServer).url, close };
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** The HTTP adapter, which is made before the application, and the data that its hooks need. */
interface Edge {
  adapter: FastifyAdapter;
  timeouts: RequestTimeouts;
  isTrusted: ReturnType<typeof trusting>;
  /** First segments of the routes' paths. */
  ownSegments: Set<string>;
}

function edgeOf({ publicUrl, trustedProxies }: Config, timeouts: RequestTimeouts, closing: Closing): Edge {
  const isTrusted = trusting(trustedProxies);
  const ownSegments = new Set<string>();
  const unprefixed = withoutPrefix(publicUrl, ownSegments);
  const unpasted = withoutPastedEnds(LINK_SEGMENTS);
  const rewriteUrl = (request: IncomingMessage): string => unpasted(unprefixed(request));
  const adapter = new FastifyAdapter({
    ...timeoutOptions(timeouts),
    bodyLimit: MAX_BODY_BYTES,
    trustProxy: trustedProxies.length > 0 && isTrusted,
    genReqId: () => randomUUID(),
    forceCloseConnections: 'idle',
    frameworkErrors: answerUnroutable,
    clientErrorHandler: answerUnreadable,
    rewriteUrl,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
  });
  const close = adapter.close.bind(adapter);
  // Nest calls it after the hooks `onModuleDestroy`, before `onApplicationShutdown`.
  adapter.close = async () =>
    closing.step('requests', async () => finishRequests(adapter, close), REQUESTS_END_WITHIN_MS);
  return { adapter, timeouts, isTrusted, ownSegments };
}

/**
 * Closes each connection once it is idle. Otherwise a connection with a request in progress would stay open for 72 s,
 * or as long as its client wants.
 */
async function finishRequests(adapter: FastifyAdapter, close: () => Promise<void>): Promise<void> {
  const closingIdle = setInterval(() => {
    adapter.getHttpServer().closeIdleConnections();
  }, CLOSE_IDLE_EVERY_MS);
  try {
    await close();
  } finally {
    clearInterval(closingIdle);
  }
}

async function prepareRequests(
  app: NestFastifyApplication,
  config: Config,
  logger: Logger,
  { adapter, timeouts, isTrusted, ownSegments }: Edge,
): Promise<void> {
  const fastify = adapter.getInstance<FastifyInstance>();
  fastify.addHook('onRoute', ({ path }) => {
    ownSegments.add(firstSegment(path));
  });
  observeRequests(fastify, logger, app.get(Metrics), {
    ...securityHeaders(config.publicUrl, config.hstsSubdomains),
    'Cache-Control': 'no-store',
  });
  if (!app.get(ProcessRole).servesCallers) serveHealthAndMetricsAlone(fastify);
  warnOfUntrustedProxies(fastify, isTrusted);
  endSlowBodies(fastify, timeouts);
  await acceptFiles(fastify);
  acceptUploads(fastify);
  takeJsonAlone(fastify);
  limitBodies(app, app.get(Sessions));
  sendEventPosition(fastify, app.get(PositionTokens));
  compressPages(fastify);
  serveOpenApi(app);
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

/** Refuses a wrong start. It runs before `init`, because the hooks of `init` write to the database and the log. */
async function refuseWrongStart(app: INestApplication): Promise<void> {
  await refuseUnfinishedImport(app.get(Database).kysely());
  const other = await app.get(People).otherSecret();
  if (other !== null)
    throw new ConfigError([`${other} is not the one that people were recorded with here: set that one`]);
  await eventStoreAnswers(app.get(EventStore));
  // This check comes before the next steps, because they write to the database and the log.
  await adoptLog(app.get(Database), app.get(EventStore));
  await app.get(FileStorage).open((await recordedLogId(app.get(Database).kysely())) ?? '');
  await Promise.all([app.get(Pseudonyms).open(), app.get(PositionTokens).open()]).catch((error: unknown) => {
    if (error instanceof OtherMasterKey) throw new ConfigError([`MASTER_KEY ${error.message}`]);
    throw error;
  });
}

/**
 * Makes a super-admin when there is none. It runs after `init`, because it needs what modules register, and before
 * anybody can sign in.
 */
async function ensureSuperAdmin(app: INestApplication, config: Config): Promise<FirstAdmin | null> {
  if (await hasSuperAdmin(app)) return null;
  if (config.admin) {
    const fault = faultOf(config.admin.password, normaliseEmail(config.admin.email) as EmailAddress);
    if (fault) throw new ConfigError([`ADMIN_PASSWORD ${passwordError(fault).message}`]);
    await makeSuperAdmin(app, config.admin);
    return null;
  }
  if (config.databaseUrl)
    throw new ConfigError(['ADMIN_EMAIL and ADMIN_PASSWORD are required: no super-admin is known yet']);
  const admin = { email: EMBEDDED_ADMIN, password: generatePassword() };
  await makeSuperAdmin(app, admin);
  return admin;
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
