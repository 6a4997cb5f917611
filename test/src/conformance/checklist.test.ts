import assert from 'node:assert/strict';
import { peer } from '@hyperledger/fabric-protos';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { groups } from './cases/index.js';
import { names, readChecklist } from './checklist.js';
import { readTraces } from './traces.js';

const embedded = join(__dirname, '../../../network/embedded/src');

interface Edit {
  readonly find: string;
  readonly replace: string;
}

interface Mutation extends Edit {
  readonly row: string;
  readonly file: string;
  readonly also?: readonly Edit[];
}

function readMutations(): readonly Mutation[] {
  const file = join(__dirname, '../../conformance/mutations.json');
  return JSON.parse(readFileSync(file, 'utf8')) as Mutation[];
}

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

  it('has a mutation for every row that has traces, each at exactly one place of the source', () => {
    const mutations = readMutations();
    const mutated = new Set(mutations.map(({ row }) => row));
    assert.deepEqual(
      rows.filter(({ id, traces: patterns }) => patterns.length > 0 && !mutated.has(id)).map(({ id }) => id),
      [],
    );
    for (const { row, file, find, replace, also = [] } of mutations) {
      assert.ok(
        rows.some(({ id }) => id === row),
        row,
      );
      const source = readFileSync(join(embedded, file), 'utf8');
      for (const edit of [{ find, replace }, ...also]) {
        assert.equal(source.split(edit.find).length, 2, `${row}, ${file}: ${edit.find}`);
        assert.notEqual(edit.replace, edit.find, row);
      }
    }
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
