import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const dist = join(__dirname, '..');

/** Runs a program in a process of its own, with the environment in which a chaincode is started. */
function run(program: string) {
  const env = { ...process.env, CORE_CHAINCODE_LOGGING_LEVEL: 'error' };
  return spawnSync(process.execPath, ['-e', program], { cwd: dist, env, encoding: 'utf8' });
}

const CRASHES = {
  'an exception that nobody catches': "setTimeout(() => { throw new TypeError('crash'); }, 1)",
  'a rejection that nobody handles': "void Promise.reject(new TypeError('crash'))",
};

const ALIVE = 'setTimeout(() => { console.log("still here"); }, 300)';

describe('a chaincode process', () => {
  for (const [what, crash] of Object.entries(CRASHES)) {
    it(`ends with ${what}, although the contract library would log it and go on`, () => {
      const swallowed = run(`require('fabric-contract-api'); ${crash}; ${ALIVE}`);
      assert.match(swallowed.stdout, /still here/, 'the library no longer swallows crashes: remove the cure');
      const { status, stdout, stderr } = run(`require('./care.js'); ${crash}; ${ALIVE}`);
      assert.equal(stdout, '');
      assert.notEqual(status, 0);
      assert.match(stderr, /TypeError: crash/);
    });
  }

  it('ends too when fabric-chaincode-node had loaded the library first', () => {
    const { status, stdout } = run(
      `require('fabric-shim'); require('./registry.js'); ${CRASHES['an exception that nobody catches']}; ${ALIVE}`,
    );
    assert.equal(stdout, '');
    assert.notEqual(status, 0);
  });

  it('keeps the listeners that others installed', () => {
    const { stdout } = run(
      "process.on('uncaughtException', () => console.log('mine')); require('./care.js'); " +
        CRASHES['an exception that nobody catches'],
    );
    assert.match(stdout, /mine/);
  });
});
