import { common } from '@hyperledger/fabric-protos';
import { isRole, nOutOf, PrincipalList, rolePrincipal } from './policy-builder.js';

/** A policy expression that cannot be read; the message names the place. */
export class PolicyExpressionError extends Error {
  override readonly name = 'PolicyExpressionError';

  constructor(expression: string, problem: string) {
    super(
      `policy ${JSON.stringify(expression)}: ${problem}; write AND(…), OR(…) or OutOf(n, …) of principals such as 'Org1MSP.peer'`,
    );
  }
}

const principalPattern = /^([A-Za-z0-9.-]+)\.(admin|member|client|peer|orderer)$/;
const tokenPattern = /\s*(?:([A-Za-z]+)|(\d+)|'([^']*)'|"([^"]*)"|([(),]))/y;

type Token =
  | { readonly kind: 'gate'; readonly text: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'principal'; readonly text: string }
  | { readonly kind: 'mark'; readonly text: string };

/**
 * Reads Fabric's policy language: `AND('A.peer', OR('B.peer', 'C.peer'))`, `OutOf(2, 'A.member', …)`, gates in lower,
 * upper or mixed case as Fabric takes them. Throws PolicyExpressionError.
 */
export function parsePolicyExpression(expression: string): common.SignaturePolicyEnvelope {
  const reader = new ExpressionReader(expression);
  const rule = reader.rule();
  reader.end();
  const envelope = new common.SignaturePolicyEnvelope();
  envelope.setRule(rule);
  envelope.setIdentitiesList(reader.principals.list);
  return envelope;
}

class ExpressionReader {
  readonly principals = new PrincipalList();
  readonly #expression: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(expression: string) {
    this.#expression = expression;
    this.#tokens = tokenize(expression);
  }

  rule(): common.SignaturePolicy {
    const token = this.#take();
    if (token?.kind === 'gate') {
      return this.#gate(token.text.toLowerCase());
    }
    if (token?.kind === 'principal') {
      return this.#principal(token.text);
    }
    throw this.#error(token === undefined ? 'it ends too early' : `unexpected ${describe(token)}`);
  }

  end(): void {
    const token = this.#take();
    if (token !== undefined) {
      throw this.#error(`unexpected ${describe(token)} after the end`);
    }
  }

  #gate(name: string): common.SignaturePolicy {
    this.#mark('(');
    const count = name === 'outof' ? this.#count() : undefined;
    const rules = [this.rule()];
    while (this.#peekMark(',')) {
      this.#mark(',');
      rules.push(this.rule());
    }
    this.#mark(')');
    switch (name) {
      case 'and':
        return nOutOf(rules.length, rules);
      case 'or':
        return nOutOf(1, rules);
      case 'outof':
        return this.#outOf(count ?? 0, rules);
      default:
        throw this.#error(`unknown gate ${name}`);
    }
  }

  #outOf(count: number, rules: common.SignaturePolicy[]): common.SignaturePolicy {
    if (count > rules.length + 1) {
      throw this.#error(`invalid t-out-of-n predicate, t ${count}, n ${rules.length}`);
    }
    return nOutOf(count, rules);
  }

  #count(): number {
    const token = this.#take();
    if (token?.kind !== 'number') {
      throw this.#error('OutOf begins with a number');
    }
    this.#mark(',');
    return token.value;
  }

  #principal(text: string): common.SignaturePolicy {
    const [, mspId, role] = principalPattern.exec(text) ?? [];
    if (mspId === undefined || role === undefined || !isRole(role)) {
      throw this.#error(`error parsing principal ${text}`);
    }
    return this.principals.signedBy(rolePrincipal(mspId, role));
  }

  #mark(text: string): void {
    const token = this.#take();
    if (token?.kind !== 'mark' || token.text !== text) {
      throw this.#error(
        `expected ${text}${token === undefined ? ' at the end' : `, found ${describe(token)}`}`,
      );
    }
  }

  #peekMark(text: string): boolean {
    const token = this.#tokens[this.#next];
    return token?.kind === 'mark' && token.text === text;
  }

  #take(): Token | undefined {
    const token = this.#tokens[this.#next];
    this.#next += 1;
    return token;
  }

  #error(problem: string): PolicyExpressionError {
    return new PolicyExpressionError(this.#expression, problem);
  }
}

function tokenize(expression: string): readonly Token[] {
  const tokens: Token[] = [];
  const text = expression.trimEnd();
  const pattern = new RegExp(tokenPattern);
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) {
      throw new PolicyExpressionError(expression, `cannot read it from character ${at + 1} on`);
    }
    tokens.push(tokenOf(match));
  }
  return tokens;
}

function tokenOf([, word, digits, single, double, mark]: RegExpExecArray): Token {
  if (word !== undefined) {
    return { kind: 'gate', text: word };
  }
  if (digits !== undefined) {
    return { kind: 'number', value: Number(digits) };
  }
  if (mark !== undefined) {
    return { kind: 'mark', text: mark };
  }
  return { kind: 'principal', text: single ?? double ?? '' };
}

function describe(token: Token): string {
  return token.kind === 'number' ? String(token.value) : `'${token.text}'`;
}
