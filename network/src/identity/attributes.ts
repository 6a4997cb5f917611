import { randomBytes } from 'node:crypto';

/** Where Fabric CA puts attributes in a certificate: `{"attrs":{"name":"value"}}`. */
export const ATTRIBUTES_OID = '1.2.3.4.5.6.7.8.1';

/**
 * What a client identity claims. `vitaledger.subject` is a random pseudonym (128 bits, hexadecimal): certificates are
 * public in every block for ever, so they name no person; the organization keeps who it stands for.
 */
export function clientAttributes(enrollmentId: string, type: 'client' | 'admin', role: string): Uint8Array {
  const attrs = {
    'hf.Affiliation': '',
    'hf.EnrollmentID': enrollmentId,
    'hf.Type': type,
    'vitaledger.role': role,
    'vitaledger.subject': randomBytes(16).toString('hex'),
  };
  return Buffer.from(JSON.stringify({ attrs }), 'utf8');
}
