import assert from 'node:assert/strict';
import type { ConsortiumDocument } from '../consortium/document.js';
import { checkMajority, provenInterval } from './proof.js';

function members(...active: readonly string[]): ConsortiumDocument {
  const organization = { name: 'x', kinds: ['hospital'], jurisdiction: 'DE', status: 'active' } as const;
  return {
    version: 1,
    organizations: {
      ...Object.fromEntries(active.map((mspId) => [mspId, organization])),
      Suspended: { ...organization, status: 'suspended' },
    },
    packs: [],
    clock: { intervalSeconds: 60, skewSeconds: 30 },
  };
}

describe('what a proof concludes', () => {
  it('is an interval that allows for the clocks of those who endorsed the beats', () => {
    const after = { beat: 1, instant: '2026-03-01T12:00:00.000Z', skewSeconds: 30 };
    const before = { beat: 3, instant: '2026-03-01T12:02:00.000Z', skewSeconds: 60 };
    assert.deepEqual(provenInterval({ after, before }), {
      from: '2026-03-01T11:59:30.000Z',
      to: '2026-03-01T12:03:00.000Z',
    });
  });

  it('needs more than half of the active members and of the known organizations; half is not enough', () => {
    const cases: readonly (readonly [string[], string[], string[], boolean])[] = [
      [['A'], ['A'], ['A'], true],
      [['A', 'B'], ['A'], ['A', 'B'], false],
      [['A', 'B', 'C'], ['A', 'B'], ['A', 'B', 'C'], true],
      [['A', 'B', 'C', 'D'], ['A', 'B'], ['A', 'B', 'C'], false],
      [['A', 'B', 'C'], ['A', 'Suspended'], ['A', 'Suspended'], false],
      [['A'], ['A'], ['A', 'B', 'C'], false],
      [['A', 'B'], ['A', 'B'], ['A', 'B', 'C', 'D'], false],
      [['A', 'B', 'C'], ['A', 'B'], ['A', 'B'], true],
    ];
    for (const [active, signers, known, isEnough] of cases) {
      const check = () => {
        checkMajority(members(...active), signers, known);
      };
      if (isEnough) check();
      else assert.throws(check, { code: 'INTEGRITY' }, JSON.stringify([active, signers, known]));
    }
  });
});
