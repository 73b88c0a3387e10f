/** Installs the service worker, offers a new version when there is one, and takes the worker away when its file is gone. */
import { ownScript } from '../kit/own-script';
import { toast } from '../kit/toast';
import { words } from '../words/words';
import type { Asking } from '../worker/speech';
import { networkFree } from './free';

const WORKER = '/sw.js';
const CACHES = 'reelwire-';
/** Pages that stay open for days ask as well, when somebody comes back to them. */
const ASK_EVERY_MS = 30 * 60_000;
/** What is kept takes nothing from the first video, unless that takes very long. */
const AT_LATEST_MS = 10_000;
/** Where the browser does not say when it is idle. */
const IDLE_MS = 3_000;

let asked = 0;

/** Once the network is free; not while developing, where nothing has a hash. */
export async function startUpdates(): Promise<void> {
  if (import.meta.env.DEV || !('serviceWorker' in navigator)) return;
  await networkFree(AT_LATEST_MS);
  await idle();
  await install().catch(() => undefined); // without it all works but the start without a network
}

/** On pages without video, waits until the page has rendered. */
function idle(): Promise<void> {
  return new Promise((resolve) => {
    if ('requestIdleCallback' in window)
      requestIdleCallback(() => resolve(), { timeout: AT_LATEST_MS });
    else setTimeout(resolve, IDLE_MS);
  });
}

async function install(): Promise<void> {
  const registration = await navigator.serviceWorker.register(ownScript(WORKER), {
    updateViaCache: 'none',
  });
  hearTakeOvers();
  if (registration.waiting) await offer(registration.waiting);
  registration.addEventListener('updatefound', () => {
    const fresh = registration.installing;
    fresh?.addEventListener('statechange', () => {
      // The first one has nobody to wait for.
      if (fresh.state === 'installed' && navigator.serviceWorker.controller) void offer(fresh);
    });
  });
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && Date.now() - asked > ASK_EVERY_MS) void ask(registration);
  });
  await ask(registration);
}

/** Another tab may have let the new version in: this one goes on, and is told that it had better begin anew. */
function hearTakeOvers(): void {
  let before = navigator.serviceWorker.controller;
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    const now = navigator.serviceWorker.controller;
    // The first one takes over what the network brought: there is no other version.
    if (before && now) void offer(now);
    before = now;
  });
}

/** Asks the edge for the worker's file. */
async function ask(registration: ServiceWorkerRegistration): Promise<void> {
  asked = Date.now();
  try {
    await registration.update();
  } catch {
    if (await isGone()) await remove(registration);
  }
}

/** An edge that has no such file any more: that is how operators get rid of the worker. */
async function isGone(): Promise<boolean> {
  try {
    const answer = await fetch(WORKER, { method: 'HEAD', cache: 'no-store' });
    return answer.status === 404 || answer.status === 410;
  } catch {
    return false;
  }
}

async function remove(registration: ServiceWorkerRegistration): Promise<void> {
  await registration.unregister();
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(CACHES)).map((n) => caches.delete(n)));
}

/** A page that came from the network is of the new version already: then nothing has to be said. */
async function offer(fresh: ServiceWorker): Promise<void> {
  if (await isOurs(fresh)) {
    say(fresh, { ask: 'take-over' });
    return;
  }
  const { text, reload } = words.value.app.newVersion;
  const run = () => {
    if (fresh === navigator.serviceWorker.controller) {
      location.reload();
      return;
    }
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), {
      once: true,
    });
    say(fresh, { ask: 'take-over' });
  };
  toast(text, { action: { label: reload, run }, stays: true });
}

function isOurs(fresh: ServiceWorker): Promise<boolean> {
  const { port1, port2 } = new MessageChannel();
  const asset = new URL(import.meta.url).pathname;
  return new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data === true);
    say(fresh, { ask: 'is-yours', asset }, port2);
  });
}

function say(worker: ServiceWorker, what: Asking, ...ports: MessagePort[]): void {
  worker.postMessage(what, ports);
}
