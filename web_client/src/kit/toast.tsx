/** Short words at the edge of the screen: what happened, and what to do about it. */
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { explain } from '../api/explain';
import { words } from '../words/words';
import { Icon } from './icon';
import './toast.css';

export interface ToastAction {
  label: string;
  run: () => void;
}

interface Toast {
  id: number;
  text: string;
  bad: boolean;
  action: ToastAction | null;
  /** It is too late for the action. */
  ended: (() => void) | null;
  stays: boolean;
}

interface ToastOptions {
  action?: ToastAction | null;
  /** Called once it is too late for the action. */
  ended?: (() => void) | null;
  /** Until somebody sends it away. */
  stays?: boolean;
}

const SHOWN_MS = 6000;
/** With something to do about it: time to read, to think, and to get there. */
const SHOWN_WITH_ACTION_MS = 9000;
const MOST = 3;

export const toasts = signal<readonly Toast[]>([]);
let last = 0;
type Holder = 'pointer' | 'focus';
/** A finger or a mouse is on them, or the focus: nothing goes away under it (WCAG 2.2.1). */
const holders = new Set<Holder>();
const waiting = new Map<number, ReturnType<typeof setTimeout>>();

/** Says something, and offers one thing to do about it, such as "Undo". The answer takes it away before its time. */
export function toast(
  text: string,
  { action = null, ended = null, stays = false }: ToastOptions = {},
): () => void {
  return show({ text, bad: false, action, ended, stays });
}

/** Tells something that went well. */
export function tell(text: string): void {
  toast(text);
}

/** Tells what failed and what to do. */
export function tellFailure(error: unknown): void {
  show({ text: explain(error), bad: true, action: null, ended: null, stays: false });
}

function show(said: Omit<Toast, 'id'>): () => void {
  const added = { ...said, id: ++last };
  const others = toasts.value.filter((other) => other.text !== said.text).slice(-(MOST - 1));
  const crowdedOut = toasts.value.filter((other) => !others.includes(other));
  toasts.value = [...others, added];
  if (holders.size === 0) wait(added);
  crowdedOut.forEach(({ ended }) => ended?.());
  return () => dismissToast(added.id);
}

function wait({ id, action, stays }: Toast): void {
  if (stays) return;
  clearTimeout(waiting.get(id));
  const ms = action ? SHOWN_WITH_ACTION_MS : SHOWN_MS;
  waiting.set(
    id,
    setTimeout(() => dismissToast(id), ms),
  );
}

export function dismissToast(id: number): void {
  take(id)?.ended?.();
}

/** Off the screen; undefined where it is gone already. */
function take(id: number): Toast | undefined {
  clearTimeout(waiting.get(id));
  waiting.delete(id);
  const taken = toasts.value.find((one) => one.id === id);
  toasts.value = toasts.value.filter((one) => one !== taken);
  if (toasts.value.length === 0) holders.clear(); // what held them went with the last one, and says no goodbye
  return taken;
}

/** Nothing goes away while somebody is at it; then each has its whole time again. */
export function hold(by: Holder, on: boolean): void {
  const before = holders.size;
  if (on) holders.add(by);
  else holders.delete(by);
  if (before === holders.size) return;
  if (holders.size === 0) toasts.value.forEach(wait);
  else waiting.forEach((timer) => clearTimeout(timer));
}

const NONE: readonly Toast[] = [];

/**
 * A place for them, on the page and in every sheet; they are in the one that is `here`. The others stay, empty: what is
 * put into a status that has been there before is announced, what comes together with it may not be. Those `above` a sheet
 * are a popover, which stays in its place while the sheet is moved.
 */
export function Toasts({ here, above = false }: { here: boolean; above?: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const shown = here ? toasts.value : NONE;
  useEffect(() => {
    if (!here) return;
    // One that goes takes the focus or the pointer with it, and says no goodbye: are they still on the others?
    const { current } = box;
    if (!current?.contains(document.activeElement)) hold('focus', false);
    if (!current?.matches(':hover')) hold('pointer', false);
  }, [here, shown]);
  return (
    <div
      ref={box}
      class="toasts"
      popover={above ? 'manual' : undefined}
      role="status"
      aria-live="polite"
      onPointerEnter={() => hold('pointer', true)}
      onPointerLeave={() => hold('pointer', false)}
      onFocusIn={() => hold('focus', true)}
      onFocusOut={() => hold('focus', false)}
    >
      {shown.map((one) => (
        <ToastLine key={one.id} toast={one} />
      ))}
    </div>
  );
}

function ToastLine({ toast: { id, text, bad, action } }: { toast: Toast }) {
  return (
    <div class="toast">
      {bad && (
        <span class="toast-mark">
          <Icon name="alert" />
        </span>
      )}
      <p>{text}</p>
      {action && (
        <button
          class="toast-action"
          onClick={() => {
            if (take(id)) action.run();
          }}
        >
          {action.label}
        </button>
      )}
      <button
        class="toast-close"
        aria-label={words.value.kit.dismiss}
        onClick={() => dismissToast(id)}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}
