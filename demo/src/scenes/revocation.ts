import { revocationHandle, type AccessReceipt, type SignedConsent } from '@vitaledger/client';
import { setTimeout as sleep } from 'node:timers/promises';
import { counted, short } from '../narrator/layout.js';
import type { Narrator } from '../narrator/narrator.js';
import { all, parties, type Cast, type CastPatient } from '../stage/cast.js';
import type { Stage } from '../stage/stage.js';
import { refusalOf } from './refused-without-consent.js';

const LOOK_EVERY_MS = 50;
const PATIENCE_MS = 60_000;

export async function revocation(
  narrator: Narrator,
  stage: Stage,
  cast: Cast,
  patient: CastPatient,
  consent: SignedConsent,
): Promise<void> {
  narrator.scene('The patient takes it back, while the hospital is down');
  narrator.tell(
    'A permission that can only be withdrawn when its custodian is there is none. The specialist still holds a receipt; the hospital’s ' +
      'node fails; the patient stands in the pharmacy, with nothing but the device.',
  );
  const { specialist } = cast;
  const receipt = await narrator.does(
    parties.clinic,
    ({ receipt: id }) => `asks once more, and gets receipt ${short(id)}`,
    () => specialist.access.request({ ...patient.token, purpose: 'TREAT' }),
  );
  const opened = await all(specialist.access.open(receipt));
  narrator.allowed(parties.clinic, `the receipt opens ${counted(opened.length, 'record')}.`);
  await narrator.does(parties.hospital, 'its peer stops', () => stage.network.stopPeer('hospital'));
  await revoke(narrator, cast, patient, consent);
  const meanwhile = await narrator.does(parties.clinic, 'tries the receipt', () =>
    refusalOf(all(specialist.access.open(receipt))),
  );
  narrator.refused(parties.clinic, `${meanwhile}: what is at the hospital cannot be had while it is down.`);
  await narrator.does(parties.hospital, 'its peer is back, and endorses again', () =>
    stage.network.startPeer('hospital'),
  );
  await comeBack(narrator, cast, patient, consent, receipt);
}

/** Through the pharmacy, which has nothing to do with these records. */
async function revoke(
  narrator: Narrator,
  { pharmacy }: Cast,
  { key }: CastPatient,
  { consent }: SignedConsent,
): Promise<void> {
  const secret = await narrator.does(parties.device, 'derives the secret that only it can know', () =>
    key.revocationSecret(consent),
  );
  const { block } = await narrator.does(
    parties.pharmacy,
    (done) => `publishes it through its own gateway: committed in block ${done.block}`,
    () => pharmacy.consents.revoke({ consent, secret }),
  );
  narrator.sees(
    parties.everybody,
    `block ${block}: some consent with the handle ${short(await revocationHandle(secret))} is revoked. Whose it is, nobody can tell.`,
  );
}

async function comeBack(
  narrator: Narrator,
  { hospital, specialist, pharmacy }: Cast,
  { key, token }: CastPatient,
  { consent }: SignedConsent,
  receipt: AccessReceipt,
): Promise<void> {
  const secret = await key.revocationSecret(consent);
  const handle = await revocationHandle(secret);
  await narrator.does(parties.hospital, 'has caught up with the chain', async () => {
    const deadline = Date.now() + PATIENCE_MS;
    while ((await hospital.consents.revoked([handle]))[handle] === undefined) {
      if (Date.now() > deadline) throw new Error('The hospital’s peer does not catch up; its log says why.');
      await sleep(LOOK_EVERY_MS);
    }
  });
  const code = await narrator.does(parties.clinic, 'tries the receipt again', () =>
    refusalOf(all(specialist.access.open(receipt))),
  );
  narrator.refused(parties.clinic, `${code}: the old receipt opens nothing any more, at no peer.`);
  const { closed } = await narrator.does(
    parties.pharmacy,
    'tells the hospital to forget the consent as well',
    () => pharmacy.consents.revoke({ consent, secret, patients: [token] }),
  );
  const refused = closed.deliveries.find(({ error }) => error !== undefined)?.error;
  if (refused) throw refused;
  const held = await hospital.consents.list(token, key);
  narrator.sees(
    parties.device,
    `what the hospital holds now: ${counted(held.consents.length, 'consent')}, the one for the pharmacy.`,
  );
}
