import assert from 'node:assert/strict';
import { context, metrics, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-node';
import { VitaledgerError } from '@vitaledger/domain';
import { Transactions, type Call, type Ledger } from '../transaction/index.js';
import { ObservedLedger, ObservedTransactions } from './observed-transactions.js';
import type { Logger } from './logger.js';
import { Telemetry } from './telemetry.js';

/** Nothing that holds it may be told: it stands for what concerns a person. */
const canary = 'Anna-Svensson-1961-02-11';
const call: Call = { function: 'RecordContract:enrol', custodian: 'HospitalMSP', input: { name: canary } };
const unavailable = Object.assign(new Error(`14 UNAVAILABLE: ${canary}`), { code: 14 });
const refusal = new VitaledgerError('NOT_FOUND', `no ${canary}`, { patient: canary });

describe('telemetry', () => {
  const spans = new InMemorySpanExporter();
  const points = new InMemoryMetricExporter(AggregationTemporality.DELTA);
  const reader = new PeriodicExportingMetricReader({ exporter: points, exportIntervalMillis: 3_600_000 });
  const meters = new MeterProvider({ readers: [reader] });
  const tracers = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  let lines: [string, string, object][] = [];
  let failing: Logger | undefined;

  before(() => {
    tracers.register();
    metrics.setGlobalMeterProvider(meters);
  });
  beforeEach(async () => {
    await reader.forceFlush();
    spans.reset();
    points.reset();
    lines = [];
    failing = undefined;
  });
  after(async () => {
    await meters.shutdown();
    await tracers.shutdown();
    for (const api of [trace, metrics, context]) api.disable();
  });

  /** A ledger on which each phase takes what is planned for it, one after the other, and then succeeds. */
  function observed(
    plan: Partial<Record<'evaluate' | 'endorse' | 'submit' | 'status', Error[]>>,
  ): ObservedTransactions {
    const take = <T>(phase: keyof typeof plan, value: T): Promise<T> => {
      const fault = plan[phase]?.shift();
      return fault ? Promise.reject(fault) : Promise.resolve(value);
    };
    const ledger: Ledger = {
      propose: () => ({
        transactionId: 'a1b2',
        evaluate: () => take('evaluate', Buffer.from(canary)),
        endorse: () =>
          take('endorse', {
            result: Buffer.from(canary),
            envelope: Buffer.from(canary),
            submit: () => take('submit', undefined),
            status: () => take('status', { code: 0, block: 5n }),
          }),
      }),
      useAnotherPeer: () => undefined,
    };
    const log = (level: string) => (message: string, fields: object) => lines.push([level, message, fields]);
    const logger = { debug: log('debug'), info: log('info'), warn: log('warn') };
    const telemetry = new Telemetry('care', failing ?? logger);
    const onRetry = telemetry.retry.bind(telemetry);
    const policy = { attempts: 3, firstDelay: 1, longestDelay: 1, onRetry };
    return new ObservedTransactions(
      new Transactions(new ObservedLedger(ledger, telemetry), policy),
      telemetry,
    );
  }

  /** Name, and name of what it is part of. */
  function tree(): string[] {
    const all = spans.getFinishedSpans();
    const nameOf = (id?: string) => all.find((one) => one.spanContext().spanId === id)?.name ?? '-';
    return all.map((one) => `${one.name} < ${nameOf(one.parentSpanContext?.spanId)}`);
  }
  const span = (name: string): ReadableSpan =>
    spans.getFinishedSpans().find((one) => one.name === name) ?? assert.fail(name);

  async function measured(name: string): Promise<{ attributes: object; count: number }[]> {
    await reader.forceFlush();
    const found = points
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
      .filter(({ descriptor }) => descriptor.name === name)
      .flatMap(({ dataPoints }) => dataPoints as { attributes: object; value: number | { count: number } }[]);
    return found.map(({ attributes, value }) => ({
      attributes,
      count: typeof value === 'number' ? value : value.count,
    }));
  }

  async function tellsNobody(): Promise<void> {
    await reader.forceFlush();
    const told = spans
      .getFinishedSpans()
      .map(({ name, attributes, events, status }) => ({ name, attributes, events, status }));
    const all = JSON.stringify([told, points.getMetrics(), lines]);
    assert.doesNotMatch(all, /Svensson|HospitalMSP/);
    assert.ok(all.includes('RecordContract:enrol'), 'it tells nothing at all');
  }

  const about = { 'vitaledger.channel': 'care', 'vitaledger.function': 'RecordContract:enrol' };

  it('of a submission has a span for each phase, with the block that it is in', async () => {
    await observed({}).submit(call);
    const name = 'submit RecordContract:enrol';
    assert.deepEqual(tree(), [`endorse < ${name}`, `submit < ${name}`, `commit < ${name}`, `${name} < -`]);
    assert.deepEqual(span(name).attributes, {
      ...about,
      'vitaledger.transaction_id': 'a1b2',
      'vitaledger.block': 5,
      'vitaledger.attempts': 1,
    });
    assert.deepEqual(await measured('vitaledger.client.operation.duration'), [
      { attributes: { ...about, 'vitaledger.operation': 'submit' }, count: 1 },
    ]);
    assert.deepEqual(
      lines.map(([level, message]) => `${level}: ${message}`),
      ['debug: submit succeeded'],
    );
    await tellsNobody();
  });

  it('counts what is repeated, with the reason, and shows each attempt', async () => {
    await observed({ endorse: [unavailable], status: [unavailable] }).submit(call);
    assert.equal(spans.getFinishedSpans().filter((one) => one.name === 'endorse').length, 2);
    assert.equal(spans.getFinishedSpans().filter((one) => one.name === 'commit').length, 2);
    assert.deepEqual(
      span('submit RecordContract:enrol').events.map((event) => event.name),
      ['retry', 'retry'],
    );
    const retries = await measured('vitaledger.client.retries');
    assert.deepEqual(
      retries.map(({ attributes, count }) => [attributes, count]),
      ['proposal', 'status'].map((what) => [
        { ...about, 'vitaledger.retry.reason': 'UNAVAILABLE', 'vitaledger.retry.what': what },
        1,
      ]),
    );
    assert.deepEqual(
      lines.map(([level]) => level),
      ['info', 'info', 'debug'],
    );
    await tellsNobody();
  });

  it('tells of a failure its code and phase, and not what was said', async () => {
    await assert.rejects(observed({ evaluate: [refusal] }).evaluate(call), { code: 'NOT_FOUND' });
    const failed = span('evaluate RecordContract:enrol');
    assert.deepEqual(failed.status, { code: SpanStatusCode.ERROR, message: 'NOT_FOUND' });
    assert.equal(failed.attributes['vitaledger.error.phase'], 'evaluate');
    assert.deepEqual(failed.events, []);
    const [point] = await measured('vitaledger.client.operation.duration');
    assert.deepEqual(point?.attributes, {
      ...about,
      'vitaledger.operation': 'evaluate',
      'error.type': 'NOT_FOUND',
    });
    assert.deepEqual(
      lines.map(([level, message]) => `${level}: ${message}`),
      ['warn: evaluate failed'],
    );
    await tellsNobody();
  });

  it('tells an unknown fate from a failure', async () => {
    await assert.rejects(observed({ status: [unavailable, unavailable, unavailable] }).submit(call), {
      fate: 'unknown',
    });
    assert.equal(span('submit RecordContract:enrol').attributes['vitaledger.error.fate'], 'unknown');
    await tellsNobody();
  });

  it('fails nothing when the logger fails', async () => {
    const fails = () => assert.fail('the disk of the logs is full');
    failing = { debug: fails, info: fails, warn: fails };
    await observed({ endorse: [unavailable] }).submit(call);
    await assert.rejects(observed({ evaluate: [refusal] }).evaluate(call), { code: 'NOT_FOUND' });
  });

  it('is part of what the application does around it', async () => {
    await trace.getTracer('application').startActiveSpan('admission', async (own) => {
      await observed({}).endorse(call);
      own.end();
    });
    assert.ok(tree().includes('endorse RecordContract:enrol < admission'));
  });
});
