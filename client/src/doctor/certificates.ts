import { X509Certificate } from 'node:crypto';
import { failed, ok, warning, type Finding } from './finding.js';

const DAY_MS = 86_400_000;
/** Days before the end of a certificate in which it is worth a warning: time to have another one issued. */
const SOON_DAYS = 30;
const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/gu;

/** Whether a certificate is valid, and for how long. */
export function validity(about: string, from: Date, to: Date, now: Date): Finding {
  const ends = to.toISOString().slice(0, 10);
  if (now < from)
    return failed(about, `is valid only from ${from.toISOString()}: is this machine's clock right?`);
  if (now > to) return failed(about, `ended on ${ends}: have a new one issued`);
  const days = Math.floor((to.getTime() - now.getTime()) / DAY_MS);
  if (days < SOON_DAYS)
    return warning(about, `ends in ${String(days)} days, on ${ends}: have a new one issued`);
  return ok(about, `valid until ${ends}`);
}

/** The certificates in PEM that are not valid for much longer; one finding for all when they are. */
export function trustedRoots(about: string, pem: string, now: Date): readonly Finding[] {
  const certificates = pem.match(PEM) ?? [];
  if (certificates.length === 0)
    return [failed(about, 'holds no certificate: have the profile written again')];
  const findings = certificates.map((text) => validityOf(about, text, now));
  const wrong = findings.filter(({ result }) => result !== 'ok');
  return wrong.length > 0 ? wrong : findings.slice(0, 1);
}

function validityOf(about: string, pem: string, now: Date): Finding {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch {
    return failed(about, 'is no certificate: have the profile written again');
  }
  return validity(about, new Date(certificate.validFrom), new Date(certificate.validTo), now);
}
