/** Search, and the pages of hashtags. */
import { counted } from '../count';

export const find = {
  title: 'Search',
  what: 'People and hashtags',
  clear: 'Clear',
  nothing: 'Nothing begins like that',
  nothingMore: 'Try fewer letters. Names and hashtags are found by how they begin.',
  people: 'People',
  hashtags: 'Hashtags',
  lately: 'Posted lately',
  videos: (n: number) => counted(n, 'video'),
  noVideos: 'No videos yet',
  noVideosMore: 'Nobody has posted with {tag}. The first one could be yours.',
};
