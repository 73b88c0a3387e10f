/** Whose video it is and what it says; a long description opens on a tap. */
import { type Signal, useSignal } from '@preact/signals';
import type { Video } from '../api/types';
import { Linked } from '../kit/linked';
import { since } from '../kit/numbers';
import { arrivedLive } from './following';

const SHORT = 90;

export function Caption({ video }: { video: Signal<Video> }) {
  const { id, author, title, description, published_at, created_at, visibility } = video.value;
  const open = useSignal(false);
  const words = [title, description].filter(Boolean).join('\n');
  const long = words.length > SHORT || words.includes('\n');
  const age = since(published_at ?? created_at);
  return (
    <div class={open.value ? 'caption caption-open' : 'caption'}>
      <p class="caption-author">
        <a href={`/@${author.username}`}>{author.display_name || author.username}</a>
        <span>{arrivedLive(id) && age === 'now' ? <b class="just-in">Just in</b> : age}</span>
        {visibility !== 'public' && (
          <span>{visibility === 'private' ? 'Only you' : 'Followers'}</span>
        )}
      </p>
      {words && (
        <p class="caption-words">
          <Linked text={words} />
        </p>
      )}
      {long && (
        <button
          class="caption-more"
          aria-expanded={open.value}
          onClick={() => (open.value = !open.value)}
        >
          {open.value ? 'Less' : 'More'}
        </button>
      )}
    </div>
  );
}
