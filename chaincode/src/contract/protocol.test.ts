import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contracts as care } from '../care.js';
import { contracts as registry } from '../registry.js';

interface Described {
  readonly name: string;
  readonly tag: readonly string[];
  readonly parameters: readonly { readonly schema: { readonly type: string } }[];
  readonly returns: { readonly type: string };
}

/** The contract library keeps what its decorators said in metadata, by a polyfill that it brings. */
const { getMetadata } = Reflect as unknown as { getMetadata: (key: string, of: object) => unknown };

const classes = [...new Set([...care, ...registry])];
const described = classes.map((contract): [string, readonly Described[]] => {
  const instance = new contract();
  return [instance.getName(), getMetadata('fabric:transactions', instance) as readonly Described[]];
});

/** The functions of docs/protocol.md: `Contract:function S` or `E`. */
function documented(): readonly string[] {
  const text = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'protocol.md'), 'utf8');
  const functions = text.slice(text.indexOf('## Functions'));
  return functions
    .split(/^### /mu)
    .slice(1)
    .flatMap((section) => {
      const [contract] = section.split(' ');
      return [...section.matchAll(/^\| `(\w+)` *\| *([SE])\b/gmu)].map(
        ([, name, kind]) => `${contract ?? ''}:${name ?? ''} ${kind ?? ''}`,
      );
    });
}

describe('the contracts as Fabric sees them', () => {
  it('have exactly the functions of docs/protocol.md, submitted or evaluated as it says', () => {
    const actual = described.flatMap(([contract, functions]) =>
      functions.map(({ name, tag }) => `${contract}:${name} ${tag.includes('SUBMIT') ? 'S' : 'E'}`),
    );
    assert.deepEqual(actual.sort(), [...documented()].sort());
  });

  it('take and answer nothing but strings', () => {
    for (const [, functions] of described) {
      for (const { name, parameters, returns } of functions) {
        assert.deepEqual(
          [...parameters.map(({ schema }) => schema.type), returns.type],
          [...parameters.map(() => 'string'), 'string'],
          name,
        );
      }
    }
  });

  it('have the consortium on both channels', () => {
    assert.deepEqual(
      [care, registry].map((contracts) => contracts[0]?.name),
      ['ConsortiumContract', 'ConsortiumContract'],
    );
  });
});
