import {
  VitaledgerError,
  type ErasableStore,
  type ErasedParts,
  type StoreKind,
  type Vault,
} from '@vitaledger/client';

/** A vault in memory: what is left of a registration without the disk. */
export class MemoryVault implements Vault {
  readonly #objects = new Map<string, Uint8Array>();
  readonly #shares = new Map<string, Uint8Array>();
  readonly #stores = new Map<StoreKind, ErasableStore>();

  async putObject(name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const parts: Uint8Array[] = [];
    for await (const part of content) parts.push(part);
    this.#objects.set(name, Buffer.concat(parts));
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the interface is for vaults that wait
  async *getObject(name: string): AsyncIterable<Uint8Array> {
    yield found(this.#objects.get(name));
  }

  putShare(name: string, share: Uint8Array): Promise<void> {
    this.#shares.set(name, share);
    return Promise.resolve();
  }

  getShare(name: string): Promise<Uint8Array> {
    return Promise.resolve(found(this.#shares.get(name)));
  }

  erase(name: string): Promise<ErasedParts> {
    return Promise.resolve({ object: this.#objects.delete(name), share: this.#shares.delete(name) });
  }

  store(kind: StoreKind): ErasableStore {
    let store = this.#stores.get(kind);
    if (!store) {
      store = new MemoryStore();
      this.#stores.set(kind, store);
    }
    return store;
  }
}

class MemoryStore implements ErasableStore {
  readonly #values = new Map<string, Uint8Array>();

  put(name: string, value: Uint8Array): Promise<void> {
    this.#values.set(name, value);
    return Promise.resolve();
  }

  get(name: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#values.get(name));
  }

  delete(name: string): Promise<boolean> {
    return Promise.resolve(this.#values.delete(name));
  }

  names(): Promise<readonly string[]> {
    return Promise.resolve([...this.#values.keys()]);
  }
}

function found(value: Uint8Array | undefined): Uint8Array {
  if (value) return value;
  throw new VitaledgerError('NOT_FOUND', 'The vault holds nothing of this name');
}
