import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { ProcessSpec } from '../engine/engine.js';
import type { ProcessSet } from './process-set.js';

/** What the supervisor is asked over loopback HTTP; the body and the answer are JSON. */
export interface Requests {
  readonly start: { readonly specs: readonly ProcessSpec[] };
  readonly resume: { readonly names: readonly string[] };
  readonly stop: { readonly names: readonly string[] };
  readonly status: Record<string, never>;
  /** From now on it outlives the program that started it. */
  readonly disown: Record<string, never>;
  readonly shutdown: Record<string, never>;
}

export interface Controls {
  readonly disown: () => void;
  readonly shutdown: () => void;
}

export function createControlServer(processes: ProcessSet, token: string, controls: Controls): Server {
  const handlers: { [Name in keyof Requests]: (request: Requests[Name]) => unknown } = {
    start: ({ specs }) => processes.start(specs),
    resume: ({ names }) => {
      processes.resume(names);
    },
    stop: ({ names }) => processes.stop(names),
    status: () => processes.status(),
    disown: controls.disown,
    shutdown: () => processes.stopAll(),
  };
  return createServer((request, response) => {
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
      response.end(JSON.stringify(body ?? null));
    };
    const name = (request.url ?? '').slice(1);
    if (!isAuthorized(request, token)) {
      answer(401, { error: 'not authorized' });
      return;
    }
    if (!Object.hasOwn(handlers, name)) {
      answer(404, { error: `no request ${name}` });
      return;
    }
    const handler = handlers[name as keyof Requests] as (body: unknown) => unknown;
    readJson(request)
      .then((body) => handler(body))
      .then(
        (result) => {
          answer(200, result);
          if (name === 'shutdown') response.once('close', controls.shutdown);
        },
        (error: unknown) => {
          answer(500, { error: (error as Error).message });
        },
      );
  });
}

function isAuthorized(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const expected = Buffer.from(`Bearer ${token}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}
