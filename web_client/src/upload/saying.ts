/** What a card says of how far its upload is. */
import { size, sizeOf, timeLeft } from '../kit/numbers';
import { words } from '../words/words';
import type { Step } from './step';

export interface Saying {
  /** 0..1, or null when it is over. */
  done: number | null;
  what: string;
  /** What is announced: it changes with the step alone, while `what` may change with every byte. */
  heard: string;
  note?: string;
}

type Shown = Omit<Saying, 'heard'> & Partial<Pick<Saying, 'heard'>>;

/** Sending fills the first part of the bar, making it playable the rest. */
const SENDING_SHARE = 0.7;

export function sayingOf(step: Step, bytes: number): Saying {
  const shown = shownOf(step, bytes);
  return { heard: shown.what, ...shown };
}

function shownOf(step: Step, bytes: number): Shown {
  const says = words.value.upload;
  switch (step.name) {
    case 'starting':
      return { done: 0, what: says.starting, note: says.keepsGoing };
    case 'cutting':
      return { done: 0, what: says.cutting, note: says.keepsGoing };
    case 'sending':
      return sending(step, bytes);
    case 'waiting':
      return { done: null, what: says.waiting, note: says.keepsGoing };
    case 'paused': {
      const what = step.sent ? says.pausedAt(sizeOf(step.sent, bytes)) : says.paused;
      return { done: sentShare(step.sent, bytes), what, note: says.pausedNote };
    }
    case 'processing':
      return {
        done: SENDING_SHARE + step.progress * (1 - SENDING_SHARE),
        what: says.processing(size(bytes)),
        note: says.leaving,
      };
    case 'offline':
      return { done: null, what: says.offline, note: says.offlineNote };
    case 'needs-file':
      return { done: null, what: says.needsFile };
    case 'playable':
    case 'ready':
    case 'duplicate':
      return { done: null, what: says[step.name] };
    case 'stuck':
    case 'failed':
      return { done: null, what: step.words };
  }
}

function sending(
  { sent, bytesPerSecond }: Extract<Step, { name: 'sending' }>,
  bytes: number,
): Shown {
  const says = words.value.upload;
  const left = timeLeft(bytes - sent, bytesPerSecond);
  const speed = bytesPerSecond ? `${says.speed(size(bytesPerSecond))} · ` : '';
  return {
    done: sentShare(sent, bytes),
    heard: says.sending,
    what: [sizeOf(sent, bytes), left].filter(Boolean).join(' · '),
    note: speed + says.keepsGoing,
  };
}

function sentShare(sent: number, bytes: number): number {
  return Math.min(1, sent / bytes) * SENDING_SHARE;
}
