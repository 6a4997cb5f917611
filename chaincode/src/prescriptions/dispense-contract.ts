import {
  addPortion,
  beginDispense,
  canonicalJson,
  checkShape,
  counterOf,
  dispenseState,
  remainder,
  shapes,
  validateDispense,
  validatePortion,
  VitaledgerError,
  type Dispense,
} from '@vitaledger/domain';
import * as v from 'valibot';
import { admit } from '../authorization/admission.js';
import { ledgerTime } from '../consortium/adopted-document.js';
import { TransactionContext } from '../contract/transaction-context.js';
import { VitaledgerContract } from '../contract/vitaledger-contract.js';
import { Info, Returns, Transaction } from '../fabric/contract-api.js';
import { counterKey, dispenseKey } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';

const asking = v.strictObject({ dispense: shapes.id, actor: v.exactOptional(v.unknown()) });

/**
 * A pharmacy's own notes of what it dispensed, in its own collection. One is written before its fill is made, so that
 * there is no fill without a note; it counts once the public fill carries its mark.
 */
@Info({ title: 'DispenseContract', description: "A pharmacy's notes of what it dispensed" })
export class DispenseContract extends VitaledgerContract {
  constructor() {
    super('DispenseContract');
  }

  /** Notes a dispense with the first (often the only) portion. */
  @Transaction()
  @Returns('string')
  async begin(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { actor, ...rest } = ledger.input;
    const note = validateDispense(rest);
    const { document, person, via } = await admit(context, 'DispenseContract:begin', actor);
    const instant = await ledgerTime(ledger, document);
    if (await ledger.getPrivate(dispenseKey(note.dispense))) {
      throw new VitaledgerError(
        'ALREADY_EXISTS',
        'A dispense with this id is noted here already; make its fill, or a new random id.',
        { what: 'dispense' },
      );
    }
    const who = via === undefined ? { actor: person } : { actor: person, via };
    await ledger.putPrivate(dispenseKey(note.dispense), beginDispense(note, { instant, ...who }));
    return '';
  }

  /** Notes what was handed out later of the same fill. */
  @Transaction()
  @Returns('string')
  async portion(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { actor, ...rest } = ledger.input;
    const { dispense, value, salt } = validatePortion(rest);
    const { document, person, via } = await admit(context, 'DispenseContract:portion', actor);
    const instant = await ledgerTime(ledger, document);
    const noted = await notedDispense(ledger, dispense);
    const who = via === undefined ? { actor: person } : { actor: person, via };
    await ledger.putPrivate(dispenseKey(dispense), addPortion(noted, { value, instant, ...who }, salt));
    return '';
  }

  /** A dispense, with what became of its fill and what is left of it. */
  @Transaction(false)
  @Returns('string')
  async get(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { dispense, actor } = checkShape(asking, ledger.input, 'input');
    await admit(context, 'DispenseContract:get', actor);
    const noted = await notedDispense(ledger, dispense);
    const state = dispenseState(noted, await ledger.get(counterKey(counterOf(noted.prescription))));
    return canonicalJson({ ...noted, state, remainder: remainder(noted) });
  }
}

async function notedDispense(ledger: Ledger, dispense: string): Promise<Dispense> {
  const noted = await ledger.getPrivate(dispenseKey(dispense));
  if (!noted) {
    throw new VitaledgerError('NOT_FOUND', 'No such dispense is noted here.', { what: 'dispense' });
  }
  return noted;
}
