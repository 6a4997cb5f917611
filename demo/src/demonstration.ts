import { ownPatients, readPatientFile } from './input/patient-file.js';
import { ownTrial, readTrialFile } from './input/trial-file.js';
import { duration } from './narrator/layout.js';
import type { Narrator } from './narrator/narrator.js';
import type { DemoOptions } from './options.js';
import { alteredStatement } from './scenes/altered-statement.js';
import { chainsAndBlocks, recompute } from './scenes/chains-and-blocks.js';
import { consentAndReading } from './scenes/consent-and-reading.js';
import { networkStarts } from './scenes/network-starts.js';
import { recordsAreRegistered } from './scenes/records-are-registered.js';
import { refusedWithoutConsent } from './scenes/refused-without-consent.js';
import { revocation } from './scenes/revocation.js';
import { trialRegistry } from './scenes/trial-registry.js';
import { castOf } from './stage/cast.js';
import type { Stage } from './stage/stage.js';
import { shown, stageFolder } from './stage/stage-folder.js';

/** One telling of the story: from the files that it is told with to the network's end. */
export class Demonstration {
  readonly #interrupt = new AbortController();
  #starting: Promise<Stage> | undefined;

  constructor(
    private readonly options: DemoOptions,
    private readonly narrator: Narrator,
  ) {}

  /** Tells it. Whatever happens, the network is ended; unless it is to be kept and everything went well. */
  async tell(): Promise<void> {
    const { options, narrator } = this;
    // First of all, so that wrong files are known before anything is started.
    const { bundles } = options;
    const files = await Promise.all((bundles.length > 0 ? bundles : ownPatients).map(readPatientFile));
    const trial = options.trial === undefined ? await ownTrial() : await readTrialFile(options.trial);
    const folder = await stageFolder(options);
    try {
      this.#starting = networkStarts(narrator, folder, options, this.#interrupt.signal);
      const stage = await this.#starting;
      const cast = await castOf(stage);
      const patients = await recordsAreRegistered(narrator, stage, cast, files);
      const [patient] = patients;
      if (!patient) throw new RangeError('the story needs a patient');
      const denied = await refusedWithoutConsent(narrator, cast, patient);
      const consent = await consentAndReading(narrator, cast, patient);
      await alteredStatement(narrator, stage, cast, patient);
      await revocation(narrator, stage, cast, patient, consent);
      await trialRegistry(narrator, cast, trial);
      await chainsAndBlocks(narrator, stage, cast, patients, denied);
      await this.#finish(stage);
    } catch (error) {
      await this.end();
      throw error;
    }
  }

  /** Gives up: ends the network, also while it is starting. */
  async end(): Promise<void> {
    this.#interrupt.abort();
    const stage = await this.#starting?.catch(() => undefined);
    await stage?.end();
  }

  async #finish(stage: Stage): Promise<void> {
    const { options, narrator } = this;
    if (options.keep) {
      await stage.leave();
      narrator.scene('The network goes on running');
      narrator.tell(`Everything took ${duration(narrator.elapsed)}. The network is yours now:`);
      narrator.table(howToUse(stage));
      return;
    }
    if (options.engine === 'embedded') await recompute(narrator, stage);
    await stage.end();
    narrator.tell(
      `That was all, in ${duration(narrator.elapsed)}. The network has been stopped, and what it wrote has been removed.`,
    );
    narrator.table([
      ['your own data', 'npm run demo -- --bundle FILE --trial FILE'],
      ['keep the network', 'npm run demo -- --keep'],
      ['real Fabric', 'npm run demo -- --engine fabric'],
      ['all tests', 'npm test'],
    ]);
    narrator.blank();
  }
}

function howToUse({ network }: Stage): string[][] {
  const folder = shown(network.directory.root);
  return [
    ['status', `npm run network -- status --directory ${folder}`],
    ['logs', `npm run network -- logs --directory ${folder}`],
    ['stop', `npm run network -- down --directory ${folder}`],
    ['start again', `npm run network -- up --directory ${folder}`],
    ['remove', `npm run network -- clean --yes --directory ${folder}`],
    ['profile', shown(network.profile('hospital'))],
    ['identity', shown(network.identity('hospital', 'service').mspDirectory)],
    ['in a program', 'connect({ profile, identity }), see client/README.md'],
  ];
}
