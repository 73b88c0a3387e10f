/** Whose video it is and what it says; what does not fit opens on a tap. */
import { type Signal, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Video } from '../api/types';
import { Icon } from '../kit/icon';
import { Linked } from '../kit/linked';
import { since } from '../kit/numbers';
import { words } from '../words/words';
import { arrivedLive } from './following';
import { Presence } from './presence';
import './caption.css';

interface CaptionProps {
  video: Signal<Video>;
  current: boolean;
  /** A word about it that belongs to this feed. */
  note: string | undefined;
}

export function Caption({ video, current, note }: CaptionProps) {
  const { id, author, title, description, published_at, created_at, visibility } = video.value;
  const says = words.value.feed;
  const open = useSignal(false);
  const folded = useRef<HTMLParagraphElement>(null);
  const text = [title, description].filter(Boolean).join('\n');
  const tooLong = useOverflow(folded, text, open.value);
  const age = since(published_at ?? created_at);
  const fresh = arrivedLive(id) && Date.now() - Date.parse(published_at ?? created_at) < FRESH_MS;
  return (
    <div class={open.value ? 'caption caption-open' : 'caption'}>
      <p class="caption-author">
        <a href={`/@${author.username}`}>
          <bdi>{author.display_name}</bdi>
        </a>
        <span>{fresh ? <b class="just-in">{says.justIn}</b> : age}</span>
        {visibility !== 'public' && (
          <span>{visibility === 'private' ? says.onlyYou : says.onlyFollowers}</span>
        )}
      </p>
      {text && (
        <p class="caption-words" ref={folded} dir="auto">
          <Linked text={text} />
        </p>
      )}
      {text && (tooLong.value || open.value) && (
        <button
          class="caption-more"
          aria-expanded={open.value}
          onClick={() => (open.value = !open.value)}
        >
          {open.value ? says.less : says.more}
        </button>
      )}
      {note && (
        <p class="caption-note">
          <Icon name="spark" />
          {note}
        </p>
      )}
      {current && <Presence video={video} />}
    </div>
  );
}

/** It came by itself within this. */
const FRESH_MS = 60_000;

/** Does the folded text not fit? Measured, for what a line holds is nothing that can be counted. */
function useOverflow(of: RefObject<HTMLElement | null>, text: string, open: boolean) {
  const over = useSignal(false);
  useLayoutEffect(() => {
    const element = of.current;
    if (!element || open) return;
    const measure = () => {
      over.value = element.scrollHeight > element.clientHeight + 1;
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, [of, text, open, over]);
  return over;
}
