/** How far an upload is. */

export type Step =
  | { name: 'starting' | 'offline' | 'waiting' | 'needs-file' | 'playable' | 'ready' | 'duplicate' }
  | { name: 'cutting'; progress: number }
  | { name: 'sending'; sent: number; bytesPerSecond: number }
  | { name: 'paused'; sent: number }
  | { name: 'stuck'; words: string }
  | { name: 'processing'; progress: number }
  /** `again`: the same file sent once more may go well. */
  | { name: 'failed'; words: string; again: boolean };

/** Does it still need this page or the server? */
export function isUnderWay({ name }: Step): boolean {
  return !['ready', 'failed', 'duplicate', 'playable'].includes(name);
}

/** Does it play by now? */
export function plays(name: string): boolean {
  return name === 'playable' || name === 'ready';
}
