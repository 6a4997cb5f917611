import { createHmac } from 'node:crypto';
import { VitaledgerError } from '@vitaledger/domain';

const digits = 32;
const mostCharacters = 1024;

/**
 * The id of the record that an application knows by a key of its own, such as the number of a finding in its database: the same each
 * time, so that a registration that is repeated is refused as `ALREADY_EXISTS` and nothing is registered twice. It tells nothing of the
 * key to whoever does not know the patient's id at the custodian, which is random.
 *
 * @param patient the patient's id at one's own organization
 * @throws VitaledgerError `INVALID_ARGUMENT`
 */
export function recordIdOf(patient: string, key: string): string {
  if (key === '' || key.length > mostCharacters) {
    throw new VitaledgerError('INVALID_ARGUMENT', `key must be a text of 1 to ${mostCharacters} characters`, {
      path: 'key',
    });
  }
  const id = createHmac('sha256', Buffer.from(patient, 'utf8')).update(`vitaledger/record/${key}`);
  return id.digest('hex').slice(0, digits);
}
