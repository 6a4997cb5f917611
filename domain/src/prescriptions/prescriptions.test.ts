import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { VitaledgerError } from '../errors/vitaledger-error.js';
import {
  addPortion,
  beginDispense,
  cancelCounter,
  commitmentOf,
  counterOf,
  dispenseState,
  endOfWeek,
  fillNext,
  markOf,
  openCounter,
  prescriptionSecrets,
  remainder,
  termsOf,
  validateTerms,
  type DispenseNote,
  type PrescriptionCounter,
} from './index.js';

const token = { prescription: '00112233445566778899aabbccddeeff', secret: '5a'.repeat(32) };
const [issued, end] = ['2026-03-01T12:00:00.000Z', '2026-04-10T22:00:00.000Z'];
const actor = { mspId: 'PharmacyMSP', role: 'pharmacist', subject: 'p-1' } as const;

/** Of the token above: content, first fill, cancel. */
const EXPECTED: readonly string[] = [
  '5f90a51d0794025b1a8665733dac22463c003f9ce0b8a049b71634b78f4e8960',
  '28c8c5be46619ef33ae9ce42804baab6fdadd2e653fab2c0741049f89a21d5b7',
  '4e01e100f23ef1ae8f3e01b7248b966644762fa53b96b3eb39af22c05ebbd40f',
];

describe('prescriptions', () => {
  describe('secrets', () => {
    it('are the same for the same token, and all different from each other', () => {
      const secrets = prescriptionSecrets(token.prescription, token.secret, 3);
      assert.deepEqual(prescriptionSecrets(token.prescription, token.secret, 3), secrets);
      const all = [token.secret, secrets.content, ...secrets.fills, secrets.cancel];
      assert.equal(new Set(all).size, 6);
      assert.ok(all.every((secret) => /^[0-9a-f]{64}$/.test(secret)));
      const other = prescriptionSecrets('ff112233445566778899aabbccddeeff', token.secret, 3);
      assert.notEqual(other.content, secrets.content);
    });

    it('are derived as docs/protocol.md says (HKDF-SHA256), so that other programs find the same', () => {
      // Computed with Python: hmac and hashlib, RFC 5869 by hand.
      const { content, fills, cancel } = prescriptionSecrets(token.prescription, token.secret, 1);
      assert.deepEqual([content, ...fills, cancel], EXPECTED);
    });

    it('are refused in any other form', () => {
      assert.throws(() => prescriptionSecrets('x', token.secret, 1), { code: 'INVALID_ARGUMENT' });
      assert.throws(() => prescriptionSecrets(token.prescription, 'x', 1), { code: 'INVALID_ARGUMENT' });
      assert.throws(() => commitmentOf('x'), { code: 'INVALID_ARGUMENT' });
    });
  });

  describe('terms', () => {
    it('end on the first Monday, 00:00 UTC, at or after the exact end', () => {
      for (const [exact, coarse] of [
        ['2026-04-13T00:00:00.000Z', '2026-04-13T00:00:00.000Z'],
        ['2026-04-13T00:00:00.001Z', '2026-04-20T00:00:00.000Z'],
        ['2026-04-19T23:59:59.999Z', '2026-04-20T00:00:00.000Z'],
        ['2024-02-29T12:00:00.000Z', '2024-03-04T00:00:00.000Z'],
      ] as const) {
        assert.equal(endOfWeek(exact), coarse);
        assert.equal(new Date(coarse).getUTCDay(), 1);
      }
    });

    it('are refused if they could tell the day, repeat a commitment, or have no or too many fills', () => {
      const terms = termsOf(token, 2, end);
      assert.deepEqual(validateTerms(terms, 'terms'), terms);
      const [first = ''] = terms.fills;
      for (const [change, path] of [
        [{ expires: '2026-04-10T00:00:00.000Z' }, 'terms.expires'],
        [{ fills: [first, first] }, 'terms'],
        [{ cancel: first }, 'terms'],
        [{ fills: [] }, 'terms.fills'],
        [{ fills: Array.from({ length: 37 }, () => randomBytes(32).toString('hex')) }, 'terms.fills'],
        [{ fills: ['x'] }, 'terms.fills[0]'],
        [{ patient: 'x' }, 'terms'],
      ] as const) {
        assert.throws(() => validateTerms({ ...terms, ...change }, 'terms'), {
          code: 'INVALID_ARGUMENT',
          details: { path },
        });
      }
    });
  });

  describe('the counter', () => {
    it('has an id and terms that lead back to no prescription or secret', () => {
      const counter = openCounter(termsOf(token, 2, end), issued);
      const text = JSON.stringify({ id: counterOf(token.prescription), ...counter });
      const { content, fills, cancel } = prescriptionSecrets(token.prescription, token.secret, 2);
      for (const secret of [token.prescription, token.secret, content, cancel, ...fills]) {
        assert.ok(!text.includes(secret));
      }
    });

    it('counts every authorized fill once and in order, whatever is tried and however often', () => {
      const total = 4;
      const { fills, content, cancel } = prescriptionSecrets(token.prescription, token.secret, total);
      const tries = fc.array(fc.integer({ min: 0, max: total + 1 }), { maxLength: 40 });
      fc.assert(
        fc.property(tries, fc.option(fc.nat(39)), (attempts, cancelAt) => {
          let counter: PrescriptionCounter = openCounter(termsOf(token, total, end), issued);
          let expected = 0;
          attempts.forEach((attempt, time) => {
            if (time === cancelAt) counter = cancelCounter(counter, cancel, issued);
            const secret = fills[attempt] ?? content;
            const mark = markOf(String(time));
            const permitted = attempt === expected && attempt < total && counter.cancelled === undefined;
            try {
              counter = fillNext(counter, secret, { mark, instant: issued });
              assert.ok(permitted, `attempt ${attempt} succeeded after ${expected} fills`);
              assert.equal(counter.filled.at(-1)?.mark, mark);
              expected += 1;
            } catch (error) {
              if (!(error instanceof VitaledgerError)) throw error;
              assert.ok(!permitted, `attempt ${attempt} failed: ${error.message}`);
            }
            assert.equal(counter.filled.length, expected);
          });
        }),
      );
    });

    it('does not begin, or go on, at its end', () => {
      const terms = termsOf(token, 1, end);
      assert.throws(() => openCounter(terms, terms.expires), { code: 'EXPIRED' });
      const counter = openCounter(terms, issued);
      const { fills } = prescriptionSecrets(token.prescription, token.secret, 1);
      const fill = { mark: markOf('x'), instant: terms.expires };
      assert.throws(() => fillNext(counter, fills[0] ?? '', fill), { code: 'EXPIRED' });
    });
  });

  describe('a dispense', () => {
    const note: DispenseNote = {
      dispense: 'ab'.repeat(16),
      prescription: token.prescription,
      prescriber: 'HospitalMSP',
      fill: 1,
      receipt: 'cd'.repeat(32),
      authorized: { value: 10, unit: 'tablet' },
      value: 1,
      salt: 'ef'.repeat(16),
    };

    it('never adds up to more than is authorized, and exactly to it', () => {
      const portions = fc.array(fc.integer({ min: 1, max: 40_000 }), { maxLength: 30 });
      fc.assert(
        fc.property(portions, (parts) => {
          let dispense = beginDispense(note, { instant: issued, actor });
          let sum = 10_000;
          for (const part of parts) {
            const add = () =>
              addPortion(dispense, { value: part / 10_000, instant: issued, actor }, note.salt);
            if (sum + part > 100_000) {
              assert.throws(add, { code: 'PRECONDITION_FAILED', details: { reason: 'TOO_MUCH' } });
            } else {
              dispense = add();
              sum += part;
            }
            assert.equal(remainder(dispense), (100_000 - sum) / 10_000);
          }
        }),
      );
    });

    it('counts only if the public fill carries its mark', () => {
      const counter = openCounter(termsOf(token, 1, end), issued);
      const [secret = ''] = prescriptionSecrets(token.prescription, token.secret, 1).fills;
      assert.equal(dispenseState(note, undefined), 'pending');
      assert.equal(dispenseState(note, counter), 'pending');
      const filled = (dispense: string) =>
        fillNext(counter, secret, { mark: markOf(dispense), instant: issued });
      assert.equal(dispenseState(note, filled(note.dispense)), 'dispensed');
      assert.equal(dispenseState(note, filled('another')), 'lost');
    });
  });
});
