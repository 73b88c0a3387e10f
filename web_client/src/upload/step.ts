/** How far an upload is. */

export type Step =
  | Sending
  | { name: 'offline' | 'needs-file' | 'playable' | 'ready' | 'duplicate' }
  | { name: 'paused'; sent: number }
  | { name: 'stuck'; words: string }
  | { name: 'processing'; progress: number }
  /** `again`: the same file sent once more may go well. */
  | { name: 'failed'; words: string; again: boolean };

/** A step of the tab that sends it. */
export type Sending =
  | { name: 'starting' | 'waiting' }
  | { name: 'cutting'; progress: number }
  | { name: 'sending'; sent: number; bytesPerSecond: number };

export function isSending(step: Step): step is Sending {
  return ['starting', 'waiting', 'cutting', 'sending'].includes(step.name);
}

/** How many bytes are known to have arrived. */
export function sentBy(step: Step): number {
  return step.name === 'sending' ? step.sent : 0;
}

/** Does it still need this page or the server? */
export function isUnderWay({ name }: Step): boolean {
  return !['ready', 'failed', 'duplicate', 'playable'].includes(name);
}

/** Does it play by now? */
export function plays(name: string): boolean {
  return name === 'playable' || name === 'ready';
}
