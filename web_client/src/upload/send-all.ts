/** All bytes of an upload on their way, by the part of the application that is loaded with the first one. */
import { imported } from '../kit/imported';
import type { Copy } from './copy';
import { Speed } from './speed';
import type { Sending } from './step';
import type { Finished, TransferEvents } from './transfer';

export interface SendingEvents extends Pick<TransferEvents, 'onCreating'> {
  onStep: (step: Sending) => void;
}

/** Goes on where the server has it; what the server has no more is begun anew, unless `onCreating` aborts that. */
export async function sendAll(
  file: Blob,
  copy: Copy,
  { onCreating, onStep }: SendingEvents,
  signal: AbortSignal,
): Promise<Finished> {
  const { transfer, isGone } = await imported('transfer', () => import('./transfer'));
  const speed = new Speed();
  const events = {
    onCreating,
    onUrl: (uploadUrl: string) => copy.keep({ uploadUrl }),
    onBytes: (sent: number) => {
      speed.add(performance.now(), sent);
      onStep({ name: 'sending', sent, bytesPerSecond: speed.bytesPerSecond });
    },
    onWaiting: () => onStep({ name: 'waiting' }),
  };
  try {
    return await transfer(file, copy.now, events, signal);
  } catch (error) {
    if (!copy.now.uploadUrl || !isGone(error)) throw error;
    // Kept there for too long, or given up in another tab.
    copy.keep({ uploadUrl: null });
    return transfer(file, copy.now, events, signal);
  }
}
