/** The small still picture of a video in a row. */
import type { Video } from '../api/types';
import { Icon } from '../kit/icon';
import { blurred } from '../kit/thumbhash';

export function Thumb({ video: { poster_url, thumbhash } }: { video: Video }) {
  const blur = blurred(thumbhash);
  return (
    <span class="thumb">
      {!poster_url && !blur && <Icon name="film" />}
      {blur && <img src={blur} alt="" />}
      {poster_url && <img src={poster_url} alt="" loading="lazy" decoding="async" />}
    </span>
  );
}
