import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jsQR from 'jsqr';
import { succeeded as ok, vitaledger as run, type Run } from '../harness/command.js';
import { enrol, medication, observation } from '../harness/patient.js';
import { as } from '../harness/suite-network.js';

const json = async <T>(running: Promise<Run>): Promise<T> => JSON.parse(await ok(running)) as T;

const doctor = ['--actor', `practitioner/${'8c'.repeat(16)}`];
const until = new Date(Date.now() + 30 * 24 * 60 * 60 * 1000).toISOString();

describe('vitaledger prescription', function () {
  // Each command is a process of its own.
  this.timeout(180_000);
  let folder: string;
  let patient: string;
  let record: string;
  const file = (name: string): string => join(folder, name);
  const hospital = (...args: readonly string[]) =>
    run('hospital', 'service', 'prescription', ...args, ...doctor);
  const pharmacy = (...args: readonly string[]) => run('pharmacy', 'pharmacist', 'prescription', ...args);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'prescription-command-'));
    const enrolled = await enrol(['hospital', 'HospitalMSP']);
    patient = enrolled.at.HospitalMSP!.patient;
    const registrar = await as('hospital', 'registrar');
    const { records } = await registrar.records.register(patient, {
      ...medication(),
      dosageInstruction: [{ text: 'one in the morning\u001b[2J' }],
      dispenseRequest: { quantity: { value: 30, unit: 'tablet' } },
    });
    record = records[0]!;
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const issue = (...args: readonly string[]) =>
    hospital('issue', patient, record, '--until', until, '--fills', '2', ...args);

  it('is tried, issued, and issued again without being two', async () => {
    assert.match(await ok(issue('--dry-run')), /would be accepted. Nothing was written/);
    const other = (await (await as('hospital', 'registrar')).records.register(patient, observation()))
      .records[0]!;
    const wrong = await hospital('issue', patient, other, '--until', until, '--dry-run');
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, /MedicationRequest/);
    const homeless = await issue();
    assert.equal(homeless.code, 2);
    assert.match(homeless.err, /--output/);

    const token = file('alice.prescription');
    interface Issued {
      readonly prescription: string;
    }
    const first = await json<Issued>(issue('-o', token, '--json'));
    assert.equal(statSync(token).mode & 0o777, 0o600);
    const again = await json<Issued>(issue('-o', token, '--json'));
    assert.equal(again.prescription, first.prescription);
    const changed = await issue('-o', token, '--fills', '3');
    assert.equal(changed.code, 5, changed.err);
    assert.match(await ok(pharmacy('show', token)), new RegExp(`${first.prescription}[^]*1 +open\\n2 +open`));
  });

  it('is shown as a QR code that scans to the same token', async () => {
    const token = file('alice.prescription');
    const text = readFileSync(token, 'utf8').trim();
    assert.equal((await ok(run('clinic', 'service', 'prescription', 'token', token))).trim(), text);
    const shown = (await ok(pharmacy('refill', token, '--qr'))).split('\n');
    assert.match(shown[0]!, /^vitaledger-fill:HospitalMSP:[0-9a-f]{32}:[0-9a-f]{64}:1:/);
    assert.equal(scanned(shown.slice(1).filter((line) => line !== '')), shown[0]);
    await ok(pharmacy('token', token, '--svg', file('alice.svg')));
    assert.match(readFileSync(file('alice.svg'), 'utf8'), /^<svg/);
    assert.equal((await pharmacy('token', token, '--svg', file('alice.svg'))).code, 5);
  });

  it('is redeemed, filled in parts, and what is left is known', async () => {
    const [token, shown, redemption] = ['alice.prescription', 'shown.txt', 'a.redemption'].map(file) as [
      string,
      string,
      string,
    ];
    const whole = await pharmacy('redeem', token, '-o', redemption);
    assert.equal(whole.code, 2);
    assert.match(whole.err, /stays with the patient/);
    await ok(pharmacy('refill', token, '-o', shown));
    const read = await ok(pharmacy('redeem', shown, '-o', redemption));
    assert.match(read, /314076\ndosage +one in the morning \[2J\nquantity +30 tablet\nfill +1 of 2/);
    assert.match(readFileSync(redemption, 'utf8'), /"receipt"/);

    assert.equal((await pharmacy('dispensed', redemption)).code, 5);
    const dispense = ['dispense', redemption, '--authorized', '30 tablet', '--value', '10'];
    assert.match(await ok(pharmacy(...dispense)), /fill 1: dispensed[^]*20 tablet left/);
    // The same command again is the same dispense.
    const { portions } = await json<{ portions: readonly unknown[] }>(pharmacy(...dispense, '--json'));
    assert.equal(portions.length, 1);
    assert.equal((await pharmacy('rest', redemption, '21')).code, 5);
    assert.match(await ok(pharmacy('rest', redemption, '20')), /0 tablet left/);
    assert.match(await ok(pharmacy('list', token)), /HospitalMSP +1 of 2 +open/);

    const late = file('late.redemption');
    assert.equal((await pharmacy('redeem', shown, '-o', late)).code, 5);
    assert.equal((await pharmacy('dispense', redemption, '--authorized', 'thirty')).code, 2);
  });

  it('is cancelled after a look at what that takes away', async () => {
    const token = file('alice.prescription');
    assert.match(await ok(pharmacy('cancel', token, '--dry-run')), /1 fills would be cancelled/);
    const prescription = readFileSync(token, 'utf8').split(':')[2]!;
    const foreign = await pharmacy('cancel', prescription);
    assert.notEqual(foreign.code, 0);
    await ok(hospital('cancel', prescription));
    const refill = await pharmacy('refill', token);
    assert.equal(refill.code, 5);
    assert.match(refill.err, /cancelled/);
  });

  it('uses no token that others may read', async () => {
    writeFileSync(file('open'), readFileSync(file('alice.prescription')), { mode: 0o644 });
    const { code, err } = await pharmacy('show', file('open'));
    assert.equal(code, 5);
    assert.match(err, /chmod 600/);
  });
});

/** What a scanner reads from a code in a terminal: each character is two modules, one above the other. */
function scanned(lines: readonly string[]): string | undefined {
  const scale = 3;
  const width = lines[0]!.length;
  const light = (x: number, y: number): boolean => {
    const character = lines[Math.floor(y / 2)]?.[x] ?? ' ';
    return character === '█' || character === (y % 2 === 0 ? '▀' : '▄');
  };
  const height = lines.length * 2;
  const pixels = new Uint8ClampedArray(width * height * scale * scale * 4);
  for (let y = 0; y < height * scale; y++) {
    for (let x = 0; x < width * scale; x++) {
      const value = light(Math.floor(x / scale), Math.floor(y / scale)) ? 255 : 0;
      pixels.set([value, value, value, 255], (y * width * scale + x) * 4);
    }
  }
  return jsQR(pixels, width * scale, height * scale)?.data;
}
