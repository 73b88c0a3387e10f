/** What is known of the network without measuring it: the browser's word, and the person's. */
import { keep, kept } from '../kit/kept';

/** What Chromium tells; other browsers tell nothing. */
interface NetworkInformation extends EventTarget {
  saveData?: boolean;
  effectiveType?: string;
}

export type Network = 'slow' | 'fast' | 'unknown';

const NAME = 'data-saver';

const browser = globalThis.navigator as { connection?: NetworkInformation } | undefined;

export const connection = browser?.connection;

/** What the person chose in this browser; null where they chose nothing. */
export function keptSaving(): boolean | null {
  const chosen = kept(NAME);
  return chosen === null ? null : chosen === 'on';
}

export function keepSaving(on: boolean): void {
  keep(NAME, on ? 'on' : 'off');
}

/** Does the system say that little is to be fetched? */
export function systemSaves(): boolean {
  return connection?.saveData ?? false;
}

/** 3g and less is slow. */
export function networkNow(): Network {
  const type = connection?.effectiveType;
  return type === undefined ? 'unknown' : type === '4g' ? 'fast' : 'slow';
}
