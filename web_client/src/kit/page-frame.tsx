/** The frame of every page that is not a feed: a title bar, a way back, a column that scrolls. */
import type { ComponentChildren } from 'preact';
import { useDocumentTitle } from './document-title';
import { Icon } from './icon';
import { words } from '../words/words';
import { back } from './router';
import './page-frame.css';

interface PageFrameProps {
  title: string;
  /** What the window is called, where the title alone does not say it. */
  windowTitle?: string;
  note?: string;
  /** Where "back" leads when this page was opened directly; without it there is no such button. */
  backTo?: string;
  /** Controls at the end of the title bar. */
  actions?: ComponentChildren;
  wide?: boolean;
  children: ComponentChildren;
}

export function PageFrame({
  title,
  windowTitle = title,
  note,
  backTo,
  actions,
  wide = false,
  children,
}: PageFrameProps) {
  useDocumentTitle(windowTitle);
  return (
    <main class="scroller page">
      <div class={wide ? 'page-column page-wide' : 'page-column'}>
        <header class="page-bar">
          {backTo && (
            <button
              class="round-button"
              aria-label={words.value.kit.back}
              onClick={() => back(backTo)}
            >
              <Icon name="back" />
            </button>
          )}
          <div class="page-title">
            <h1>
              <bdi>{title}</bdi>
            </h1>
            {note && (
              <small>
                <bdi>{note}</bdi>
              </small>
            )}
          </div>
          {actions}
        </header>
        {children}
      </div>
    </main>
  );
}
