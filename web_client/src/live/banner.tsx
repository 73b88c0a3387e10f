/** One line across the top while nothing new can arrive, and a word when it can again. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { words } from '../words/words';
import type { LiveState } from './client';
import { liveState } from './live';
import './banner.css';

/** A short break is nobody's business. */
const QUIET_MS = 1500;
const BACK_SHOWN_MS = 2000;

type Shown = 'nothing' | 'offline' | 'away' | 'back';

export function LiveBanner() {
  const shown = useSignal<Shown>('nothing');
  const state = liveState.value;
  useEffect(() => {
    const { next, afterMs } = step(state, shown.peek());
    if (afterMs === 0) shown.value = next;
    const timer = setTimeout(() => {
      shown.value = next === 'back' ? 'nothing' : next;
    }, afterMs || BACK_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [state, shown]);
  const visible = shown.value !== 'nothing';
  // The page makes room for it (tokens.css), so that it covers nothing.
  useEffect(() => {
    document.documentElement.toggleAttribute('data-banner', visible);
  }, [visible]);
  return (
    <div class={`live-banner live-${shown.value}`} role="status">
      {shown.value !== 'nothing' && words.value.live[shown.value]}
    </div>
  );
}

/** What to show in a state, given what is shown, and after how long. */
function step(state: LiveState, shown: Shown): { next: Shown; afterMs: number } {
  if (state === 'offline') return { next: 'offline', afterMs: 0 };
  const down = shown === 'offline' || shown === 'away';
  if (state === 'open') return { next: down ? 'back' : 'nothing', afterMs: 0 };
  if (state === 'stopped') return { next: 'nothing', afterMs: 0 };
  return { next: 'away', afterMs: shown === 'offline' ? 0 : QUIET_MS };
}
