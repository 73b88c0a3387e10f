/** What is there before anything is loaded, and around pictures that do not fill the screen. */
import type { Video } from '../api/types';
import { blurred } from '../kit/thumbhash';

export function ClipBackground({ video }: { video: Video }) {
  const picture = blurred(video.thumbhash) ?? video.poster_url;
  if (!picture) return null;
  return <img class="clip-background" src={picture} alt="" />;
}
