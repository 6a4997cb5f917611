import type { Network } from '@vitaledger/network';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Actors } from './actors.js';
import { groups } from './cases/index.js';
import { describeDifference } from './compare.js';
import { endConformanceNetwork, startConformanceNetwork } from './network.js';
import { judge, play } from './replay.js';
import { readDeviations, readTraces } from './traces.js';

describe('the embedded ledger answers as Hyperledger Fabric did', function () {
  this.timeout(30_000);
  let network: Network;
  let actors: Actors;
  const deviations = readDeviations();
  const met = new Set<string>();
  let played = 0;

  before(async function () {
    this.timeout(120_000);
    network = await startConformanceNetwork('embedded');
    actors = await Actors.connect(network);
  });

  after(async () => {
    actors.close();
    await endConformanceNetwork(network);
  });

  for (const { name: group, cases } of groups) {
    const recorded = new Map(readTraces(group)?.traces.map((trace) => [trace.name, trace]));
    describe(group, () => {
      for (const one of cases) {
        it(one.name, async () => {
          const trace = recorded.get(one.name);
          assert.ok(trace, `no trace was recorded of ${group}/${one.name}`);
          const verdict = judge(`${group}/${one.name}`, trace, await play(actors, one), deviations);
          played += 1;
          for (const id of verdict.deviations) met.add(id);
          assert.deepEqual(verdict.unlisted.map(describeDifference), []);
        });
      }

      it('has a case for every trace', () => {
        const names = new Set(cases.map(({ name }) => name));
        assert.deepEqual(
          [...recorded.keys()].filter((name) => !names.has(name)),
          [],
        );
      });
    });
  }

  // In a suite of its own: mocha runs a suite's tests before its inner suites.
  describe('the list of deviations', () => {
    it('has every listed deviation in the documentation', () => {
      const text = readFileSync(join(__dirname, '../../../docs/embedded-ledger.md'), 'utf8');
      for (const { id } of deviations) assert.ok(text.includes(`\`${id}\``), id);
    });

    it('differs in every place that is listed, so that the list holds nothing that is no longer true', function () {
      if (played < groups.reduce((sum, { cases }) => sum + cases.length, 0)) this.skip();
      assert.deepEqual(
        deviations.map(({ id }) => id).filter((id) => !met.has(id)),
        [],
      );
    });
  });
});
