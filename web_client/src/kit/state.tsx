/** What a place says when it has nothing to show: nothing yet, or something failed. */
import type { ComponentChildren } from 'preact';
import { explain } from '../api/explain';
import { words } from '../words/words';
import { Icon, type IconName } from './icon';
import './state.css';

interface EmptyProps {
  icon: IconName;
  title: string;
  children: ComponentChildren;
  actions?: ComponentChildren;
}

export function Empty({ icon, title, children, actions }: EmptyProps) {
  return (
    <section class="empty">
      <span class="empty-mark">
        <Icon name={icon} />
      </span>
      <h2>{title}</h2>
      <p>{children}</p>
      {actions && <div class="empty-actions">{actions}</div>}
    </section>
  );
}

export function Failed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <Empty
      icon="alert"
      title={words.value.kit.failed}
      actions={
        <button class="button" onClick={onRetry}>
          {words.value.kit.tryAgain}
        </button>
      }
    >
      {explain(error)}
    </Empty>
  );
}

/** A turning ring with a name for those who do not see it. */
export function Busy({ label }: { label: string }) {
  return <span class="busy" role="progressbar" aria-label={label} />;
}
