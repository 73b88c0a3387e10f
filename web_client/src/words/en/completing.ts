/** Hashtags and mentions that are completed as one types. */
import { counted } from '../count';

export const completing = {
  name: 'Suggestions',
  videos: (n: number) => counted(n, 'video'),
};
