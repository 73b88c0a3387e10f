/** Shows pages and menus that are not in the first chunk of the application: the first video does not wait for them. */
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect } from 'preact/hooks';
import { imported, StalePage } from '../kit/imported';
import { path } from '../kit/router';
import { Busy, Failed } from '../kit/state';
import { tellFailure } from '../kit/toast';
import { closeClipMenu, menu } from '../moderation/open';
import { closeOwnVideo, ownVideo } from '../videos/open';
import { words } from '../words/words';
import { enterContent } from '../kit/content';

export type Pages = typeof import('./pages');

const pages = signal<Pages | null>(null);
const failure = signal<unknown>(null);

/** Fetches them, unless they are here. */
export async function loadPages(): Promise<void> {
  if (pages.peek()) return;
  failure.value = null;
  try {
    pages.value = await imported('pages', () => import('./pages'));
  } catch (error) {
    failure.value = error;
  }
}

/**
 * The same, for somebody who waits for them: what is not to be had from this page comes with a fresh one. Where this one is fresh
 * already, the failure says what to do.
 */
async function fetchPages(): Promise<void> {
  await loadPages();
  if (failure.peek() instanceof StalePage && !isReloaded()) location.reload();
}

function isReloaded(): boolean {
  return performance
    .getEntriesByType('navigation')
    .some((entry) => 'type' in entry && entry.type === 'reload');
}

/** One of these pages, as soon as they are here. */
export function Lazily({ children }: { children: (pages: Pages) => ComponentChildren }) {
  useLayoutEffect(() => void fetchPages(), []);
  if (pages.value) return <>{children(pages.value)}</>;
  if (!failure.value) return <Coming />;
  return (
    <main>
      <Failed error={failure.value} onRetry={() => void fetchPages()} />
    </main>
  );
}

/** What opens over a page; where it is not here yet, opening it fetches it. */
export function LazySheets() {
  const wanted = menu.value !== null || ownVideo.value !== null;
  const page = path.value;
  useEffect(() => {
    if (wanted) void fetchSheets();
  }, [wanted]);
  useEffect(() => closeSheets, [page]);
  if (pages.value) return <pages.value.Sheets />;
  return wanted ? (
    <div class="sheets-coming">
      <Busy label={words.value.app.starting} />
    </div>
  ) : null;
}

async function fetchSheets(): Promise<void> {
  await fetchPages();
  if (pages.peek()) return;
  tellFailure(failure.peek());
  closeSheets();
}

function closeSheets(): void {
  closeClipMenu();
  closeOwnVideo();
}

function Coming() {
  // Whoever hears pages was put here; the page itself takes over from this.
  useEffect(() => () => void setTimeout(takeFocus), []);
  return (
    <main class="starting">
      <Busy label={words.value.app.starting} />
    </main>
  );
}

function takeFocus(): void {
  if (document.activeElement === document.body) enterContent();
}
