/** Hashtags and mentions that are completed as one types. */
import { counted } from '../count';

export const completing = {
  name: 'What you may mean',
  videos: (n: number) => counted(n, 'video'),
};
