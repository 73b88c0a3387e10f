/** A video's comments, newest first, and the field to add one. */
import { useEffect, useRef } from 'preact/hooks';
import { me } from '../accounts/session';
import { Avatar } from '../kit/avatar';
import { Icon } from '../kit/icon';
import { Linked } from '../kit/linked';
import { since } from '../kit/numbers';
import { path } from '../kit/router';
import { Sheet } from '../kit/sheet';
import { Empty, Failed } from '../kit/state';
import { withoutEmptyLines } from '../kit/text';
import { knownVideo } from '../videos/store';
import { words } from '../words/words';
import { CommentField } from './field';
import { closeComments, openSheet } from './open';
import { type ShownComment, type Thread, threadOf } from './thread';
import './comments.css';

/** On phones: over the lower part of the video. */
export function CommentsSheet() {
  const id = openSheet.value;
  const page = path.value;
  useEffect(() => closeComments, [page]); // a link in it leads away from the video
  if (id === null) return null;
  return (
    <Sheet title={headline(id)} tall onClose={closeComments}>
      <Comments key={id} videoId={id} />
    </Sheet>
  );
}

/** On wide screens: beside the video, always that of the current one. */
export function CommentsPanel({ videoId }: { videoId: string }) {
  return (
    <aside class="comments-panel" aria-labelledby="comments-headline">
      <h2 id="comments-headline">{headline(videoId)}</h2>
      <Comments key={videoId} videoId={videoId} />
    </aside>
  );
}

function headline(videoId: string): string {
  return words.value.comments.headline(commentsOf(videoId, threadOf(videoId)));
}

/** How many comments there are to be seen: as many as are listed once all are, else what the server counts for everybody. */
export function commentsOf(videoId: string, thread?: Thread): number {
  const counted = knownVideo(videoId)?.value.counts.comments ?? 0;
  return thread?.whole ?? Math.max(0, counted - (thread?.leaving ?? 0));
}

function Comments({ videoId }: { videoId: string }) {
  const thread = threadOf(videoId);
  useEffect(() => void thread.show(), [thread]);
  return (
    <>
      <CommentList thread={thread} />
      <CommentField thread={thread} />
    </>
  );
}

function CommentList({ thread }: { thread: Thread }) {
  const { shown, state, failure } = thread;
  const says = words.value.comments;
  const list = useRef<HTMLDivElement>(null);
  const waiting = state.value === 'loading' || state.value === 'new';
  /** For buttons that go as they are pressed: the focus does not fall to the beginning of the page. */
  const focused = (act: () => unknown) => () => {
    list.current?.focus({ preventScroll: true });
    act();
  };
  return (
    <div ref={list} class="talk" tabIndex={-1}>
      {shown.value.length > 0 && (
        <ul class="talk-list">
          {shown.value.map((comment) => (
            <CommentRow
              key={comment.id}
              comment={comment}
              videoId={thread.videoId}
              onAgain={focused(() => thread.say(comment.text, comment.id))}
              onRemove={focused(() => thread.remove(comment))}
            />
          ))}
        </ul>
      )}
      {waiting && <TalkSkeleton />}
      {state.value === 'failed' && (
        <Failed error={failure.value} onRetry={focused(() => thread.load())} />
      )}
      {state.value === 'more' && (
        <button class="button button-wide" onClick={focused(() => thread.more())}>
          {says.more}
        </button>
      )}
      {state.value === 'all' && shown.value.length === 0 && (
        <Empty icon="talk" title={says.none}>
          {says.noneWhy}
        </Empty>
      )}
    </div>
  );
}

interface CommentRowProps {
  comment: ShownComment;
  videoId: string;
  onAgain: () => void;
  onRemove: () => void;
}

function CommentRow({ comment, videoId, onAgain, onRemove }: CommentRowProps) {
  const { author, text, created_at, state } = comment;
  const says = words.value.comments;
  const mine = me.value?.id === author.id || me.value?.id === knownVideo(videoId)?.value.author.id;
  return (
    <li class={`word word-${state}`}>
      <a href={`/@${author.username}`} aria-hidden="true" tabIndex={-1}>
        <Avatar of={author} size="medium" />
      </a>
      <div>
        <small>
          <a href={`/@${author.username}`}>
            <bdi>{author.username}</bdi>
          </a>{' '}
          · {state === 'sending' ? says.sending : since(created_at)}
        </small>
        <p dir="auto">
          <Linked text={withoutEmptyLines(text)} />
        </p>
        {state === 'failed' && (
          <button class="word-again" onClick={onAgain}>
            {says.notSent}
          </button>
        )}
      </div>
      {mine && state !== 'sending' && (
        <button class="word-remove" aria-label={says.remove} onClick={onRemove}>
          <Icon name="trash" />
        </button>
      )}
    </li>
  );
}

function TalkSkeleton() {
  return (
    <ul class="talk-list" aria-hidden="true">
      {[62, 38, 74].map((width) => (
        <li key={width} class="word">
          <span class="skeleton word-face" />
          <div class="word-lines">
            <span class="skeleton" />
            <span class="skeleton" style={{ width: `${width}%` }} />
          </div>
        </li>
      ))}
    </ul>
  );
}
