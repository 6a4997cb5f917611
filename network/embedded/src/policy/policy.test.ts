import assert from 'node:assert/strict';
import { common, msp } from '@hyperledger/fabric-protos';
import fc from 'fast-check';
import { ImplicitMetaPolicy } from './implicit-meta-policy.js';
import { parsePolicyExpression, PolicyExpressionError } from './expression.js';
import { outOfOrganizations, rejectAll, rolePrincipal, signaturePolicyOf, nOutOf } from './policy-builder.js';
import { mergeSets, principalKey, type PrincipalSet } from './principal-sets.js';
import type { Signer } from './policy.js';
import { SignaturePolicy } from './signature-policy.js';

/** An identity that satisfies `<mspId>.<role>` and `<mspId>.member`, and nothing else. */
function identity(mspId: string, role: 'peer' | 'client' | 'admin'): Signer {
  const satisfied = new Set([
    principalKey(rolePrincipal(mspId, role)),
    principalKey(rolePrincipal(mspId, 'member')),
  ]);
  return { satisfies: (principal: msp.MSPPrincipal) => satisfied.has(principalKey(principal)) };
}

function policy(expression: string): SignaturePolicy {
  return new SignaturePolicy(parsePolicyExpression(expression));
}

function describeSets(sets: readonly PrincipalSet[]): string[] {
  return sets
    .map((set) =>
      set
        .map((principal) => msp.MSPRole.deserializeBinary(principal.getPrincipal_asU8()).getMspIdentifier())
        .sort()
        .join('+'),
    )
    .sort();
}

describe('policy expressions', () => {
  it('are read with gates in any of the cases that Fabric takes', () => {
    for (const expression of [
      "OR('A.peer','B.peer')",
      'Or(\'A.peer\', "B.peer")',
      " or( 'A.peer' , 'B.peer' ) ",
      "OutOf(1,'A.peer','B.peer')",
    ]) {
      assert.equal(policy(expression).refusal([identity('B', 'peer')]), undefined, expression);
    }
    assert.equal(
      policy("AND('A.peer', OR('B.member', 'C.admin'))").refusal([
        identity('A', 'peer'),
        identity('B', 'client'),
      ]),
      undefined,
    );
  });

  it('are refused with the place of the mistake', () => {
    const cases: readonly [string, RegExp][] = [
      ['', /it ends too early/],
      ["AND('A.peer'", /expected \) at the end/],
      ["AND('A.peer') x", /unexpected 'x' after the end/],
      ["NOT('A.peer')", /unknown gate not/],
      ["OR('A.king')", /error parsing principal A\.king/],
      ["OutOf(5, 'A.peer', 'B.peer')", /invalid t-out-of-n predicate, t 5, n 2/],
      ["OutOf('A.peer', 'B.peer')", /OutOf begins with a number/],
      ['OR(A.peer)', /cannot read it from character|error parsing|expected/],
    ];
    for (const [expression, problem] of cases) {
      assert.throws(
        () => parsePolicyExpression(expression),
        (error: unknown) => error instanceof PolicyExpressionError && problem.test(error.message),
        expression,
      );
    }
  });

  it('are either read or refused with a typed error, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(
            'AND',
            'OR',
            'OutOf',
            '(',
            ')',
            ',',
            ' ',
            "'A.peer'",
            '"B.member"',
            '2',
            "'",
            'x',
          ),
        }),
        (text) => {
          try {
            parsePolicyExpression(text);
          } catch (error) {
            assert.ok(error instanceof PolicyExpressionError);
          }
        },
      ),
    );
  });
});

describe('signature policies', () => {
  it('count each identity once', () => {
    const both = policy("AND('A.peer', 'A.peer')");
    assert.equal(both.refusal([identity('A', 'peer')]), 'signature set did not satisfy policy');
    assert.equal(both.refusal([identity('A', 'peer'), identity('A', 'peer')]), undefined);
  });

  it('are satisfied by exactly the sets that they name as sufficient', () => {
    const organizations = ['A', 'B', 'C', 'D'];
    const rule: fc.Arbitrary<string> = fc.letrec<{ rule: string }>((tie) => ({
      rule: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(...organizations).map((mspId) => `'${mspId}.peer'`),
        fc
          .tuple(fc.integer({ min: 1, max: 3 }), fc.array(tie('rule'), { minLength: 1, maxLength: 3 }))
          .map(([n, rules]) => `OutOf(${Math.min(n, rules.length)}, ${rules.join(', ')})`),
      ),
    })).rule;
    fc.assert(
      fc.property(rule, fc.subarray(organizations), (expression, signing) => {
        const tested = policy(expression.startsWith("'") ? `OR(${expression})` : expression);
        // Two identities of each organization, so that one principal may be needed twice.
        const signers = signing.flatMap((mspId) => Array.from({ length: 8 }, () => identity(mspId, 'peer')));
        const sufficient = tested.satisfiedBy.some((set) =>
          set.every((principal) => signers.some((signer) => signer.satisfies(principal))),
        );
        assert.equal(tested.refusal(signers) === undefined, sufficient);
      }),
    );
  });

  it('name their smallest sufficient sets', () => {
    assert.deepEqual(describeSets(policy("OR('A.peer', AND('A.peer', 'B.peer'))").satisfiedBy), ['A']);
    assert.deepEqual(
      describeSets(new SignaturePolicy(outOfOrganizations(2, ['A', 'B', 'C'], 'peer')).satisfiedBy),
      ['A+B', 'A+C', 'B+C'],
    );
    assert.deepEqual(new SignaturePolicy(rejectAll()).satisfiedBy, []);
  });

  it('merge so that one endorsement serves several where it can', () => {
    const majority = policy("OutOf(2, 'A.peer', 'B.peer', 'C.peer')").satisfiedBy;
    const member = policy("OR('C.member')").satisfiedBy;
    const other = policy("OR('D.peer')").satisfiedBy;
    assert.deepEqual(describeSets(mergeSets([majority, other])), ['A+B+D', 'A+C+D', 'B+C+D']);
    assert.deepEqual(describeSets(mergeSets([majority, member])), ['A+C', 'B+C']);
  });
});

describe('implicit meta policies', () => {
  const of = (rule: keyof common.ImplicitMetaPolicy.RuleMap, ...expressions: (string | undefined)[]) => {
    const definition = new common.ImplicitMetaPolicy();
    definition.setRule(common.ImplicitMetaPolicy.Rule[rule]);
    definition.setSubPolicy('Writers');
    return new ImplicitMetaPolicy(
      definition,
      expressions.map((expression) => (expression === undefined ? undefined : policy(expression))),
    );
  };

  it('take any, all or most of the groups', () => {
    const groups = ["OR('A.peer')", "OR('B.peer')", "OR('C.peer')"];
    const two = [identity('A', 'peer'), identity('B', 'peer')];
    assert.equal(of('ANY', ...groups).refusal(two), undefined);
    assert.equal(of('MAJORITY', ...groups).refusal(two), undefined);
    assert.equal(
      of('ALL', ...groups).refusal(two),
      "implicit policy evaluation failed - 2 sub-policies were satisfied, but this policy requires 3 of the 'Writers' sub-policies to be satisfied",
    );
    assert.notEqual(of('MAJORITY', groups[0], undefined, undefined).refusal(two), undefined);
    assert.equal(of('MAJORITY').refusal([]), undefined);
  });

  it('convert to a signature policy of the same meaning', () => {
    const converted = new SignaturePolicy(
      of('MAJORITY', "OR('A.peer')", "OR('B.peer')", "OR('C.peer')").toSignaturePolicy(),
    );
    assert.equal(converted.refusal([identity('A', 'peer'), identity('C', 'peer')]), undefined);
    assert.notEqual(converted.refusal([identity('A', 'peer')]), undefined);
    const nested = signaturePolicyOf((principals) =>
      nOutOf(1, [principals.signedBy(rolePrincipal('A', 'peer'))]),
    );
    assert.equal(new SignaturePolicy(nested).refusal([identity('A', 'peer')]), undefined);
  });
});
