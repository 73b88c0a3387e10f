/** Where the videos of a video's page were come upon, as views tell it. */
import type { ViewSource } from '../api/types';
import { routeOf } from '../app/routes';

/** `from` is the path of our page that led to the one with this video, or null. Below it come the author's others, as on their profile. */
export function sourceFrom(from: string | null, linked: string): (id: string) => ViewSource {
  const first = from === null ? 'link' : sourceOf(from);
  return (id) => (id === linked ? first : 'profile');
}

/** The API knows four sources; each page has the nearest. */
function sourceOf(from: string): ViewSource {
  switch (routeOf(from).page) {
    case 'notifications':
      return 'link'; // to this one video, whoever's it is
    case 'hashtag':
      return 'suggested'; // by whom one need not follow, as the latest are
    default:
      return 'profile'; // or one's own videos: their cards and numbers
  }
}
