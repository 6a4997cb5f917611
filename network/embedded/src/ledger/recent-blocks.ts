import type { common } from '@hyperledger/fabric-protos';

const MAX_BYTES = 8 * 1024 * 1024;

/** The last blocks, decoded: event streams and commit status ask for a block right after its commit. */
export class RecentBlocks {
  readonly #blocks = new Map<number, { readonly block: common.Block; readonly size: number }>();
  #bytes = 0;

  get(number: number): common.Block | undefined {
    return this.#blocks.get(number)?.block;
  }

  add(number: number, block: common.Block, size: number): void {
    this.#blocks.set(number, { block, size });
    this.#bytes += size;
    for (const [oldest, { size: freed }] of this.#blocks) {
      if (this.#bytes <= MAX_BYTES) {
        break;
      }
      this.#blocks.delete(oldest);
      this.#bytes -= freed;
    }
  }
}
