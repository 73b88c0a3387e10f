/** What of a browser an upload needs and Node lacks: IndexedDB as far as the shelf asks for it, and Web Locks. */

type Rows = Map<string, unknown>;
type Ended = (() => void) | null;

class Transaction {
  oncomplete: Ended = null;
  #asked = 0;

  constructor(
    private readonly rows: Rows,
    private readonly keyPath: string | undefined,
    /** One transaction after the other. */
    private readonly turn: Promise<void>,
    private readonly over: () => void,
  ) {}

  objectStore() {
    return {
      get: (key: string) => this.#ask(() => this.rows.get(key)),
      getAll: () => this.#ask(() => [...this.rows.values()]),
      delete: (key: string) => this.#ask(() => this.rows.delete(key)),
      put: (value: unknown, key?: string) =>
        this.#ask(() => this.rows.set(key ?? this.#keyOf(value), value)),
    };
  }

  #keyOf(value: unknown): string {
    return (value as Record<string, string>)[this.keyPath ?? ''] ?? '';
  }

  #ask(answer: () => unknown) {
    const request = { result: undefined as unknown, onsuccess: null as Ended };
    this.#asked++;
    void this.turn.then(() => {
      request.result = answer();
      request.onsuccess?.();
      if (--this.#asked > 0) return;
      this.oncomplete?.();
      this.over();
    });
    return request;
  }
}

export function indexedDatabase() {
  const stores = new Map<string, { rows: Rows; keyPath: string | undefined }>();
  let last = Promise.resolve();
  const database = {
    createObjectStore: (name: string, options?: { keyPath: string }) =>
      stores.set(name, { rows: new Map(), keyPath: options?.keyPath }),
    transaction: (name: string) => {
      const store = stores.get(name);
      const turn = last;
      let over: () => void = () => undefined;
      last = new Promise((resolve) => (over = resolve));
      return new Transaction(store?.rows ?? new Map<string, unknown>(), store?.keyPath, turn, over);
    },
  };
  return {
    open: () => {
      const request = {
        result: database,
        onupgradeneeded: null as Ended,
        onsuccess: null as Ended,
      };
      setImmediate(() => {
        if (stores.size === 0) request.onupgradeneeded?.();
        request.onsuccess?.();
      });
      return request;
    },
  };
}

/** One holder of a name at a time; whoever waits may give up by the signal. */
export function locks() {
  const turns = new Map<string, Promise<unknown>>();
  return {
    request: async <Told>(
      name: string,
      { signal }: { signal: AbortSignal },
      act: () => Promise<Told>,
    ): Promise<Told> => {
      const before = turns.get(name) ?? Promise.resolve();
      const given = new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      );
      const mine = Promise.race([before, given]).then(act);
      const over = mine.catch(() => undefined);
      turns.set(
        name,
        before.then(() => over),
      );
      return mine;
    },
  };
}

/** BroadcastChannel: what is posted comes to all others of that name, a little later. */
export function channels() {
  const all: Channel[] = [];

  class Channel extends EventTarget {
    constructor(private readonly name: string) {
      super();
      all.push(this);
    }

    postMessage(data: unknown): void {
      const heard = structuredClone(data);
      for (const other of all)
        if (other !== this && other.name === this.name)
          setImmediate(() => other.dispatchEvent(new MessageEvent('message', { data: heard })));
    }
  }

  return Channel;
}
