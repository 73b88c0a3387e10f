/** A face: the account's picture, or two colours and an initial that always belong to the same account. */
import { useSignal } from '@preact/signals';
import type { Author } from '../api/types';
import './avatar.css';

export type AvatarSize = 'small' | 'medium' | 'large' | 'huge';

export function Avatar({ of, size = 'medium' }: { of: Author; size?: AvatarSize }) {
  const broken = useSignal<string | null>(null);
  const url = of.avatar_url && sized(of.avatar_url, size);
  if (url && url !== broken.value) {
    // It may have been taken away since we heard of it.
    const gone = () => (broken.value = url);
    return <img class={`avatar avatar-${size}`} src={url} alt="" decoding="async" onError={gone} />;
  }
  return (
    <span class={`avatar avatar-${size} avatar-${hueOf(of.id)}`} aria-hidden="true">
      {initialOf(of.display_name)}
    </span>
  );
}

/** The small file is enough for two pixels of the screen to each of ours. */
export function sized(url: string, size: AvatarSize): string {
  return size === 'huge' ? url : url.replace(/-320\.jpg$/, '-96.jpg');
}

const letters = new Intl.Segmenter();

/** The first letter as a reader sees it: a flag or a family is one. */
function initialOf(name: string): string {
  const [first] = letters.segment(name);
  return first?.segment.toUpperCase() ?? '';
}

const HUES = 8;

/** A stable number 0..7 from the random end of a UUIDv7. */
function hueOf(id: string): number {
  return parseInt(id.slice(-4), 16) % HUES;
}
