/** Whether there is a network, and waiting that ends when it is back. */
import { signal } from '@preact/signals';

/** What the browser says; a server may be away all the same. */
export const online = signal(isOnline());

/** Said to those who wait: now, whatever the time. */
const NOW = 'reelwire:now';
const bus = new EventTarget();

export function startOnline(): void {
  // It may have changed before anybody listened.
  online.value = isOnline();
  addEventListener('online', () => {
    online.value = true;
    tryNow();
  });
  addEventListener('offline', () => {
    online.value = false;
  });
}

/** Not everything that is tested without a browser has a navigator. */
function isOnline(): boolean {
  return (globalThis.navigator as Navigator | undefined)?.onLine !== false;
}

/** Ends all waiting: the network is back, or somebody does not want to wait. */
export function tryNow(): void {
  bus.dispatchEvent(new Event(NOW));
}

/** Resolves after that many milliseconds, or as soon as it makes sense to try. */
export function waitedOrBack(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      bus.removeEventListener(NOW, end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    bus.addEventListener(NOW, end);
  });
}
