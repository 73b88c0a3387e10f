/** Short words at the edge of the screen: what happened, and what to do about it. */
import { signal } from '@preact/signals';
import { explain } from '../api/explain';
import { Icon } from './icon';
import './toast.css';

interface Toast {
  id: number;
  text: string;
  bad: boolean;
  action: { name: string; run: () => void } | null;
}

const SHOWN_MS = 6000;
const MOST = 3;

const toasts = signal<Toast[]>([]);
let last = 0;

/** Tells something that went well, or offers an action such as an undo. */
export function tell(text: string, action: Toast['action'] = null): void {
  show({ text, bad: false, action });
}

/** Tells what failed and what to do. */
export function tellFailure(error: unknown): void {
  show({ text: explain(error), bad: true, action: null });
}

function show(toast: Omit<Toast, 'id'>): void {
  const id = ++last;
  const others = toasts.value.filter((other) => other.text !== toast.text);
  toasts.value = [...others.slice(-(MOST - 1)), { ...toast, id }];
  setTimeout(() => dismiss(id), SHOWN_MS);
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, text, bad, action }) => (
        <div key={id} class="toast">
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
                dismiss(id);
                action.run();
              }}
            >
              {action.name}
            </button>
          )}
          <button class="toast-close" aria-label="Dismiss" onClick={() => dismiss(id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
