/** The frame of the two ways in. */
import type { ComponentChildren } from 'preact';
import { Button } from '../kit/button';
import { Wordmark } from '../kit/wordmark';
import { useDocumentTitle } from '../kit/document-title';
import { Icon } from '../kit/icon';
import { back } from '../kit/router';
import { words } from '../words/words';
import './entry-page.css';

interface EntryPageProps {
  title: string;
  action: string;
  note?: string | undefined;
  busy: boolean;
  failure: string | null;
  onSubmit: (event: SubmitEvent) => void;
  /** Said below the form, quietly. */
  aside?: string;
  other: { words: string; href: string; action: string };
  children: ComponentChildren;
}

export function EntryPage({
  title,
  action,
  note,
  busy,
  failure,
  onSubmit,
  aside,
  other,
  children,
}: EntryPageProps) {
  useDocumentTitle(title);
  return (
    <main class="entry scroller">
      <div class="entry-card">
        <header class="entry-bar">
          <button
            class="round-button"
            aria-label={words.value.accounts.back}
            onClick={() => back('/')}
          >
            <Icon name="back" />
          </button>
          <Wordmark />
        </header>
        <h1>{title}</h1>
        {note && <p class="entry-note">{note}</p>}
        <form noValidate onSubmit={onSubmit}>
          {children}
          <p class="entry-failure" role="alert">
            {failure}
          </p>
          <Button class="button button-main button-wide" off={busy}>
            {busy ? words.value.accounts.busy : action}
          </Button>
        </form>
        {aside && <p class="entry-aside">{aside}</p>}
        <p class="entry-other">
          {other.words} <a href={other.href}>{other.action}</a>
        </p>
      </div>
    </main>
  );
}
