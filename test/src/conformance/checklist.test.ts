import assert from 'node:assert/strict';
import { peer } from '@hyperledger/fabric-protos';
import { groups } from './cases/index.js';
import { names, readChecklist } from './checklist.js';
import { readTraces } from './traces.js';

describe('the checklist of Fabric’s behaviours', () => {
  const rows = readChecklist();
  const traces = groups.flatMap(({ name }) =>
    (readTraces(name)?.traces ?? []).map((trace) => `${name}/${trace.name}`),
  );

  it('has at least 300 traces', () => {
    assert.ok(traces.length >= 300, String(traces.length));
  });

  it('has a trace for every row, or a reason why not, and never both', () => {
    for (const { id, traces: patterns, reason } of rows) {
      assert.equal(patterns.length > 0, reason === undefined, id);
    }
  });

  it('names only traces that there are', () => {
    const absent = rows.flatMap(({ id, traces: patterns }) =>
      patterns
        .filter((pattern) => !traces.some((trace) => names(pattern, trace)))
        .map((pattern) => `${id}: ${pattern}`),
    );
    assert.deepEqual(absent, []);
  });

  it('has a row for every trace', () => {
    const patterns = rows.flatMap((row) => row.traces);
    assert.deepEqual(
      traces.filter((trace) => !patterns.some((pattern) => names(pattern, trace))),
      [],
    );
  });

  it('names each row once', () => {
    assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length);
  });

  it('has a row for every validation code', () => {
    const ids = new Set(rows.map(({ id }) => id));
    const codes = Object.keys(peer.TxValidationCode).filter((code) => code !== 'NOT_VALIDATED');
    assert.deepEqual(
      codes.filter((code) => !ids.has(`5.6.${code}`)),
      [],
    );
  });

  it('gives a trace to every validation code that a row says to have one', () => {
    for (const { id, traces: patterns } of rows.filter((row) => /^5\.6\.[A-Z_]+$/.test(row.id))) {
      const code = id.slice('5.6.'.length);
      const texts = groups.flatMap(({ name }) =>
        (readTraces(name)?.traces ?? [])
          .filter((trace) => patterns.some((pattern) => names(pattern, `${name}/${trace.name}`)))
          .map((trace) => JSON.stringify(trace.steps)),
      );
      if (patterns.length > 0) {
        assert.ok(
          texts.every((text) => text.includes(`"${code}"`)),
          id,
        );
      }
    }
  });
});
