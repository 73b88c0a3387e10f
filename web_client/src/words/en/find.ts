/** Search, and the pages of hashtags. */
import { counted } from '../count';

export const find = {
  title: 'Search',
  what: 'People and hashtags',
  clear: 'Clear',
  nothing: 'No matches',
  nothingMore: 'Try fewer letters. Names and hashtags are found by how they start.',
  people: 'People',
  hashtags: 'Hashtags',
  lately: 'Posted recently',
  videos: (n: number) => counted(n, 'video'),
  noVideos: 'No videos yet',
  noVideosMore: 'Nobody has posted with {tag} yet. The first one could be yours.',
};
