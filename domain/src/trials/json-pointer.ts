/** The pointer (RFC 6901) of a member or element, its token escaped as §3 says. */
export function pointerTo(parent: string, token: string | number): string {
  return `${parent}/${String(token).replace(/~/g, '~0').replace(/\//g, '~1')}`;
}

const FIELD_NAME = /^[A-Za-z][A-Za-z0-9]{0,63}$/;

/**
 * The pointer of a place in a record as a JSON path, for errors: `/a/b/0` → `record.a.b[0]`. A name that no field can have is shown
 * as `[?]`: what somebody wrote in its place might be about a person.
 */
export function jsonPathOf(pointer: string): string {
  const tokens = pointer.split('/').slice(1);
  const steps = tokens.map((token) =>
    /^\d+$/.test(token) ? `[${token}]` : FIELD_NAME.test(token) ? `.${token}` : '[?]',
  );
  return `record${steps.join('')}`;
}
