import { metrics, SpanKind, SpanStatusCode, trace, type Attributes, type Span } from '@opentelemetry/api';
import { VitaledgerError } from '@vitaledger/domain';
import type { RetryEvent } from '../transaction/retry.js';
import { TransactionError } from '../transaction/transaction-error.js';
import type { LogFields, Logger } from './logger.js';

const LIBRARY = '@vitaledger/client';

/** What is done with a call. */
export type Operation = 'evaluate' | 'submit' | 'endorse';

/** What a span or a point of a metric is about. */
export interface Observed {
  readonly channel: string;
  /** `Contract:function`. */
  readonly function: string;
}

/**
 * What the SDK tells of its work on one channel: spans and metrics by OpenTelemetry's API, which go nowhere until the application
 * has an OpenTelemetry SDK, and lines for its logger. Only names, codes, numbers and transaction ids: inputs, results, messages and details of
 * errors may concern a person and are left out.
 */
export class Telemetry {
  readonly #channel: string;
  readonly #logger: Logger | undefined;
  readonly #tracer = trace.getTracer(LIBRARY);
  readonly #operations = metrics.getMeter(LIBRARY).createHistogram('vitaledger.client.operation.duration', {
    description: 'Time from a call to its answer, repetitions included',
    unit: 's',
  });
  readonly #phases = metrics.getMeter(LIBRARY).createHistogram('vitaledger.client.phase.duration', {
    description: 'Time of one attempt at a phase',
    unit: 's',
  });
  readonly #retries = metrics.getMeter(LIBRARY).createCounter('vitaledger.client.retries', {
    description: 'Attempts that were repeated',
  });

  constructor(channel: string, logger?: Logger) {
    this.#channel = channel;
    this.#logger = logger;
  }

  /** A call, from when it is made to its answer. `tell` says of a result what is worth telling. */
  async operation<T>(
    operation: Operation,
    name: string,
    work: () => Promise<T>,
    tell: (result: T) => Attributes,
  ): Promise<T> {
    const about = this.#about(name);
    const began = performance.now();
    return this.#span(`${operation} ${name}`, about, async (span) => {
      try {
        const result = await work();
        const told = tell(result);
        span.setAttributes(told);
        this.#log('debug', `${operation} succeeded`, {
          ...about,
          ...(told as Record<string, string | number>),
        });
        this.#operations.record(secondsSince(began), { ...about, 'vitaledger.operation': operation });
        return result;
      } catch (error) {
        const told = failureOf(error);
        this.#log('warn', `${operation} failed`, { ...about, ...told });
        const point = { ...about, 'vitaledger.operation': operation, 'error.type': told['error.type'] };
        this.#operations.record(secondsSince(began), point);
        throw error;
      }
    });
  }

  /** One attempt at a phase of a call. */
  async phase<T>(phase: string, name: string, transactionId: string, work: () => Promise<T>): Promise<T> {
    const about = { ...this.#about(name), 'vitaledger.phase': phase };
    const began = performance.now();
    const attributes = { ...about, 'vitaledger.transaction_id': transactionId };
    return this.#span(phase, attributes, async () => {
      try {
        const result = await work();
        this.#phases.record(secondsSince(began), about);
        return result;
      } catch (error) {
        this.#phases.record(secondsSince(began), { ...about, 'error.type': typeOf(error) });
        throw error;
      }
    });
  }

  retry(event: RetryEvent): void {
    const { reason, what, attempt, delay, transactionId } = event;
    const point = {
      ...this.#about(event.function),
      'vitaledger.retry.reason': reason,
      'vitaledger.retry.what': what,
    };
    this.#retries.add(1, point);
    const details = { 'vitaledger.retry.attempt': attempt, 'vitaledger.transaction_id': transactionId };
    trace.getActiveSpan()?.addEvent('retry', { ...point, ...details });
    this.#log('info', `${what} is repeated`, { ...point, ...details, 'vitaledger.retry.delay_ms': delay });
  }

  /** A logger that fails must not make a failure of what succeeded: it would be done again. */
  #log(level: keyof Logger, message: string, fields: LogFields): void {
    try {
      this.#logger?.[level](message, fields);
    } catch {
      // Who would be told of it is who failed.
    }
  }

  #about(name: string): { readonly 'vitaledger.channel': string; readonly 'vitaledger.function': string } {
    return { 'vitaledger.channel': this.#channel, 'vitaledger.function': name };
  }

  #span<T>(name: string, attributes: Attributes, work: (span: Span) => Promise<T>): Promise<T> {
    return this.#tracer.startActiveSpan(name, { kind: SpanKind.CLIENT, attributes }, async (span) => {
      try {
        return await work(span);
      } catch (error) {
        const told = failureOf(error);
        span.setAttributes(told);
        // Not recordException: messages and stacks may quote what concerns a person.
        span.setStatus({ code: SpanStatusCode.ERROR, message: told['error.type'] });
        throw error;
      } finally {
        span.end();
      }
    });
  }
}

interface Failure extends Record<string, string | number> {
  /** A stable code, or what kind of error of another library it is. */
  readonly 'error.type': string;
}

function failureOf(error: unknown): Failure {
  const failure = { 'error.type': typeOf(error) };
  if (!(error instanceof TransactionError)) return failure;
  const { phase, fate, transactionId, attempts } = error;
  return {
    ...failure,
    'vitaledger.error.phase': phase,
    'vitaledger.error.fate': fate,
    'vitaledger.transaction_id': transactionId,
    'vitaledger.attempts': attempts,
  };
}

function typeOf(error: unknown): string {
  if (error instanceof VitaledgerError) return error.code;
  const { code } = (error ?? {}) as { code?: unknown };
  if (typeof code === 'number') return `grpc ${code}`;
  return error instanceof Error && error.name === 'AbortError' ? 'aborted' : 'other';
}

function secondsSince(began: number): number {
  return (performance.now() - began) / 1000;
}
