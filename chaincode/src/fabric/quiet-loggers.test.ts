import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** What a process of the care contracts prints that uses the library's own logger, at a level. */
function printed(level: string, program: string): string {
  const env = { ...process.env, CORE_CHAINCODE_LOGGING_LEVEL: level };
  const loaded = `require('./care.js'); const { Shim } = require('fabric-shim'); ${program}`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', loaded], {
    cwd: join(__dirname, '..'),
    env,
    encoding: 'utf8',
  });
  assert.equal(stderr, '');
  return stdout;
}

const SPEAK =
  "const logger = Shim.newLogger('lib/handler.js'); logger.debug('one %s', 1); logger.info('two');";

describe('the loggers of the contract library', () => {
  it('write what is enabled, as they did', () => {
    const lines = printed('debug', SPEAK).trim().split('\n').slice(-2);
    assert.match(lines[0] ?? '', /c-api:lib\/handler\.js.*one/);
    assert.match(lines[1] ?? '', /c-api:lib\/handler\.js.*two/);
    assert.match(printed('info', SPEAK), /two/);
    assert.doesNotMatch(printed('info', SPEAK), /one/);
  });

  it('hear of a level that is set later', () => {
    assert.equal(printed('error', SPEAK), '');
    // As a transaction's context sets it.
    const later =
      "const { setLevel } = require('fabric-shim/lib/logger.js'); setLevel('DEBUG'); logger.debug('three');";
    assert.match(printed('error', `${SPEAK} ${later}`), /three/);
  });

  it('format no line that is not enabled, in any of those that speak in every transaction', () => {
    // A line that was formatted would have been turned into a string.
    const told = "let told = 0; const line = { get message() { told++; return 'never'; } };";
    const names =
      "['lib/handler.js', 'lib/stub.js', 'lib/chaincode.js', 'lib/iterators.js', 'contracts-spi/chaincodefromcontract.js', 'contracts-spi/datamarshall.js']";
    const program = `${told} for (const name of ${names}) { Shim.newLogger(name).debug(line); Shim.newLogger(name).info(line); } console.log(told);`;
    assert.equal(printed('error', program), '0\n');
    const stock = spawnSync(process.execPath, ['-e', `const { Shim } = require('fabric-shim'); ${program}`], {
      cwd: join(__dirname, '..'),
      env: { ...process.env, CORE_CHAINCODE_LOGGING_LEVEL: 'error' },
      encoding: 'utf8',
    });
    assert.ok(Number(stock.stdout) > 0, 'the library no longer formats them: remove the cure');
  });
});
