import { endSuiteNetwork, engine, suiteNetwork } from './suite-network.js';

/** Mocha's root hooks: the network is started before the first end-to-end test and removed after the last. */
export const mochaHooks = {
  async beforeAll(this: Mocha.Context): Promise<void> {
    this.timeout(180_000);
    const from = performance.now();
    const network = await suiteNetwork();
    const seconds = ((performance.now() - from) / 1000).toFixed(1);
    console.log(
      `  (${engine}: ${String(network.topology.organizations.length)} organizations ready in ${seconds} s)`,
    );
  },
  async afterAll(this: Mocha.Context): Promise<void> {
    this.timeout(60_000);
    await endSuiteNetwork();
  },
};
