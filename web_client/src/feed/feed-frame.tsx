/** The place of a feed: the video in the middle, on wide screens its comments beside it. */
import type { ComponentChildren } from 'preact';
import { CommentsPanel } from '../comments/comments';
import { useDocumentTitle } from '../kit/document-title';
import { wide } from '../kit/screen';
import './feed.css';

interface FeedFrameProps {
  /** What this is, for those who do not see it. */
  title: string;
  /** What the window is called, where it is not the same. */
  windowTitle?: string;
  /** No video is shown: an empty state, a failure, a skeleton. */
  bare: boolean;
  /** The current video. */
  videoId: string | null;
  children: ComponentChildren;
}

export function FeedFrame({ title, windowTitle = title, bare, videoId, children }: FeedFrameProps) {
  useDocumentTitle(windowTitle);
  return (
    <div class="feed-frame">
      <main class={bare ? 'feed feed-bare' : 'feed'}>
        <h1 class="only-heard">{title}</h1>
        {children}
      </main>
      {wide.value && videoId && <CommentsPanel videoId={videoId} />}
    </div>
  );
}
