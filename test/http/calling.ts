import { request } from 'node:http';
import { once } from 'node:events';
import type { Response } from 'supertest';
import { problemCatalogue } from '../../src/bootstrap/problems.js';
import type { ProblemCode } from '../../src/shared/problems/problem-codes.js';
import type { TestServer } from '../support/test-server.js';
import type { Operation } from './openapi.js';
import { goodValue } from './schema-values.js';

const PROBLEMS = problemCatalogue();

export interface Call {
  method: string;
  path: string;
  token?: string | null;
  /** Sent as JSON, or as it is when it is a string. */
  body?: unknown;
  /** Content-Type of the body, if it isn't JSON. */
  type?: string;
  headers?: Record<string, string>;
}

export interface Answer {
  call: string;
  status: number;
  headers: Headers;
  body: Response['body'];
}

/** A valid form for a route that takes a file. */
export const FORM = {
  type: 'multipart/form-data; boundary=form',
  body: '--form\r\nContent-Disposition: form-data; name="file"; filename="contacts.csv"\r\nContent-Type: text/csv\r\n\r\nann@example.org\r\n\r\n--form--\r\n',
};

/** A valid body for a route that takes any body as a file. */
export const CONTENT = { type: 'text/plain', body: 'Another plan' };

/** A valid body of the operation, in its type. */
export function bodyFor({ body, takesFile, takesContent }: Operation): { body?: unknown; type?: string } {
  if (takesFile) return FORM;
  if (takesContent) return CONTENT;
  return body ? { body: goodValue(body.schema) } : {};
}

/** A path with its query string, if there is a query. */
export function withQuery(path: string, query: [string, string][]): string {
  return query.length === 0 ? path : `${path}?${new URLSearchParams(query).toString()}`;
}

export async function send(
  server: TestServer,
  { method, path, token, body, type = 'application/json', headers = {} }: Call,
): Promise<Answer> {
  const all = new Headers({
    ...(body === undefined ? {} : { 'content-type': type }),
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...headers,
  });
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(server.url + path, {
    method,
    headers: all,
    ...(text === undefined ? {} : { body: text }),
  });
  const answered = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return {
    call: `${method} ${path}`,
    status: response.status,
    headers: response.headers,
    body: isJson ? JSON.parse(answered) : answered,
  };
}

/**
 * Announces a body of so many bytes and sends only its beginning, because the product refuses a size before it reads.
 */
export async function announce(server: TestServer, { method, path, token }: Call, bytes: number): Promise<Answer> {
  const headers = {
    'content-type': 'application/json',
    'content-length': bytes,
    ...(token ? { authorization: `Bearer ${token}` } : {}),
  };
  const outgoing = request(server.url + path, { method, headers });
  outgoing.write('{');
  const [incoming] = await once(outgoing, 'response');
  let text = '';
  for await (const chunk of incoming) text += String(chunk);
  outgoing.destroy();
  return {
    call: `${method} ${path}`,
    status: incoming.statusCode,
    headers: new Headers(incoming.headers),
    body: JSON.parse(text),
  };
}

/**
 * The faults of an answer that should be this refusal: an RFC 9457 document with a code that the operation documents.
 */
export function refusalFaults(
  operation: Operation,
  answer: Answer,
  status: number,
  code: ProblemCode,
  remark = '',
): string[] {
  const { body, headers } = answer;
  const where = `${operation.id}${remark && ` [${remark}]`}`;
  if (answer.status !== status || body.code !== code)
    return [`${where}: ${answer.status} ${String(body.code ?? '')}, not ${status} ${code}`];
  const faults = [
    headers.get('content-type')?.split(';')[0] === 'application/problem+json' ? '' : 'is no application/problem+json',
    body.type === `urn:rolecall:problem:${code}` ? '' : `type is ${String(body.type)}`,
    body.title === PROBLEMS.titleOf(code) ? '' : `title is ${String(body.title)}`,
    body.status === status ? '' : `status is ${String(body.status)}`,
    /^[0-9a-f-]{36}$/.test(String(body.requestId)) && body.requestId === headers.get('request-id')
      ? ''
      : 'requestId is not the header Request-Id',
    operation.codes.get(status)?.includes(code) ? '' : `${status} ${code} is not documented`,
  ];
  return faults.filter(Boolean).map((fault) => `${where}: ${fault}`);
}

/** The faults of an answer that should be `invalid-input` and name exactly these fields. */
export function badFieldFaults(
  operation: Operation,
  answer: Answer,
  fields: readonly string[],
  remark: string,
): string[] {
  const faults = refusalFaults(operation, answer, 400, 'invalid-input', remark);
  const named = ((answer.body.errors ?? []) as { field: string; message: string }[]).map(({ field }) => field);
  const wanted = [...fields].sort().join(', ');
  if (faults.length === 0 && [...new Set(named)].sort().join(', ') !== wanted)
    faults.push(`${operation.id} [${remark}]: names ${named.join(', ')}, not ${wanted}`);
  return faults;
}
