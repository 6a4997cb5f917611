import assert from 'node:assert/strict';
import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { CommitStatusError, EndorseError, GatewayError } from '@hyperledger/fabric-gateway';
import { VitaledgerError } from '@vitaledger/domain';
import { verdictOn, verdictOnCommit } from './verdict.js';

const node = 'peer0.hospital.example:7051';

function serviceError(code: status, details: string): ServiceError {
  return Object.assign(new Error(`${code} ${status[code]}: ${details}`), {
    code,
    details,
    metadata: new Metadata(),
  });
}

function endorseError(code: status, summary: string, ...messages: string[]): EndorseError {
  const cause = serviceError(code, summary);
  const details = messages.map((message) => ({ address: node, mspId: 'HospitalMSP', message }));
  return new EndorseError({ code, message: cause.message, details, cause, transactionId: 'tx' });
}

function commitStatusError(): CommitStatusError {
  const cause = serviceError(status.UNAVAILABLE, 'connection refused');
  return new CommitStatusError({
    code: cause.code,
    message: cause.message,
    details: [],
    cause,
    transactionId: 'tx',
  });
}

const collecting = 'failed to collect enough transaction endorsements, see attached details for more info';

describe('verdict on a failure', () => {
  it("is the contract's own refusal, which is never repeated", () => {
    const refusal = new VitaledgerError('CONFLICT', 'The version is not the current one', { expected: 2 });
    for (const prefix of ['', 'Error: ', 'transaction returned with failure: ']) {
      const error = endorseError(
        status.ABORTED,
        collecting,
        `chaincode response 500, ${prefix}${refusal.toWire()}`,
      );
      const verdict = verdictOn(error);
      assert.equal(verdict.error.code, 'CONFLICT');
      assert.deepEqual(verdict.error.details, { expected: 2 });
      assert.equal(verdict.error.message, refusal.message);
      assert.equal(verdict.retry, undefined);
    }
  });

  it('reads a refusal from the text of an evaluation too', () => {
    const refusal = new VitaledgerError('EXPIRED', 'The receipt has expired', { receipt: 'r' });
    const text = `evaluate call to endorser returned error: chaincode response 500, ${refusal.toWire()}`;
    const cause = serviceError(status.UNKNOWN, text);
    const verdict = verdictOn(
      new GatewayError({ code: cause.code, message: cause.message, details: [], cause }),
    );
    assert.equal(verdict.error.code, 'EXPIRED');
    assert.deepEqual(verdict.error.details, { receipt: 'r' });
  });

  it('shows nothing of what a contract said without preparing it', () => {
    const error = endorseError(
      status.ABORTED,
      collecting,
      'chaincode response 500, Cannot read Anna of undefined',
    );
    const verdict = verdictOn(error);
    assert.equal(verdict.error.code, 'INTERNAL');
    assert.doesNotMatch(verdict.error.message, /Anna/);
    assert.doesNotMatch(JSON.stringify(verdict.error.details), /Anna/);
    assert.equal(verdict.retry, undefined);
  });

  it('names the nodes that refused or failed, without what they said', () => {
    const { nodes } = verdictOn(endorseError(status.ABORTED, collecting, 'Anna Schmidt is unknown'));
    assert.deepEqual(nodes, [{ address: node, mspId: 'HospitalMSP' }]);
    assert.equal(verdictOn(new Error('no node had a part')).nodes, undefined);
    const refusal = { details: [null, 'text', { mspId: 'M' }] };
    assert.equal(verdictOn(Object.assign(new Error('odd details'), refusal)).nodes, undefined);
  });

  it('tells what ended a stream of blocks', () => {
    const of = (code: number) => verdictOn(new Error(`Unexpected status response: ${code}`));
    assert.equal(of(403).error.code, 'PERMISSION_DENIED');
    assert.equal(of(403).retry, undefined);
    assert.deepEqual([of(503).error.code, of(503).retry], ['UNAVAILABLE', 'UNAVAILABLE']);
    assert.equal(of(404).error.code, 'INTERNAL');
  });

  it('tells a chaincode of another version', () => {
    for (const text of [
      'Contract name is not known: X',
      "You've asked to invoke a function that does not exist: X",
    ]) {
      const verdict = verdictOn(endorseError(status.ABORTED, collecting, `chaincode response 500, ${text}`));
      assert.equal(verdict.error.details.reason, 'CHAINCODE_VERSION');
    }
  });

  it('repeats when endorsing peers disagree', () => {
    const verdict = verdictOn(
      endorseError(status.ABORTED, collecting, 'ProposalResponsePayloads do not match'),
    );
    assert.equal(verdict.retry, 'PEERS_DIFFER');
    assert.equal(verdict.error.code, 'UNAVAILABLE');
  });

  it('repeats when peers or orderers do not answer', () => {
    const unreachable = 'failed to find any endorsing peers for org(s): ClinicMSP';
    const failures = [
      endorseError(status.UNAVAILABLE, unreachable),
      endorseError(status.ABORTED, collecting, 'rpc error: code = Unavailable desc = connection refused'),
      endorseError(
        status.FAILED_PRECONDITION,
        'no combination of peers can be derived which satisfy the endorsement policy',
      ),
      endorseError(
        status.UNKNOWN,
        'too many requests for /gateway.Gateway, exceeding concurrency limit (500)',
      ),
      endorseError(status.UNAVAILABLE, 'no orderer nodes available'),
      commitStatusError(),
    ];
    for (const failure of failures) {
      const verdict = verdictOn(failure);
      assert.equal(verdict.retry, 'UNAVAILABLE', failure.message);
      assert.equal(verdict.error.code, 'UNAVAILABLE');
      assert.equal(verdict.error.details.reason, 'UNREACHABLE');
    }
    assert.match(verdictOn(failures[0]).error.message, /ClinicMSP/);
  });

  it('takes a connection that broke for an open question, and what the ordering service answered for an answer', () => {
    const reset = verdictOn(
      endorseError(status.INTERNAL, 'Received RST_STREAM with code 2 (Internal server error)'),
    );
    assert.equal(reset.retry, 'UNAVAILABLE');
    const text = 'received unsuccessful response from orderer: status=BAD_REQUEST, info=bad';
    const refused = verdictOn(endorseError(status.ABORTED, text));
    assert.equal(refused.retry, undefined);
    assert.equal(refused.error.details.reason, 'ORDERER_REFUSED');
    const busy = 'received unsuccessful response from orderer: status=SERVICE_UNAVAILABLE, info=no leader';
    assert.equal(verdictOn(endorseError(status.UNAVAILABLE, busy)).retry, 'UNAVAILABLE');
  });

  it('marks a deadline that passed', () => {
    const verdict = verdictOn(endorseError(status.DEADLINE_EXCEEDED, 'Deadline exceeded after 15s'));
    assert.equal(verdict.error.details.reason, 'DEADLINE');
    assert.equal(verdict.retry, 'UNAVAILABLE');
  });

  it('tells a profile or an identity of another network, without repeating', () => {
    const tls = endorseError(
      status.UNAVAILABLE,
      'No connection established. Last error: Error: self-signed certificate in certificate chain',
    );
    assert.equal(verdictOn(tls).error.details.reason, 'WRONG_NETWORK');
    assert.equal(verdictOn(tls).retry, undefined);
    const refused =
      'error validating proposal: access denied: channel [care] creator org unknown, creator is malformed';
    const identity = verdictOn(endorseError(status.ABORTED, collecting, refused));
    assert.equal(identity.error.code, 'PERMISSION_DENIED');
    assert.equal(identity.error.details.reason, 'IDENTITY_REFUSED');
    assert.equal(identity.retry, undefined);
  });

  it('keeps the cause of everything that it did not read itself', () => {
    const error = endorseError(
      status.INVALID_ARGUMENT,
      'the proposed transaction must contain a signed proposal',
    );
    const verdict = verdictOn(error);
    assert.equal(verdict.error.code, 'INTERNAL');
    assert.equal(verdict.error.cause, error);
    assert.equal(verdictOn('thrown text').error.code, 'INTERNAL');
  });
});

describe('verdict on a commit', () => {
  it('repeats conflicts only', () => {
    assert.equal(verdictOnCommit(11).retry, 'CONFLICT');
    assert.equal(verdictOnCommit(12).retry, 'CONFLICT');
    assert.equal(verdictOnCommit(11).error.code, 'CONFLICT');
    for (const code of [1, 4, 10, 254]) {
      assert.equal(verdictOnCommit(code).retry, undefined);
      assert.equal(verdictOnCommit(code).error.details.validation, code);
    }
  });
});
