/** Hashtags und Erwähnungen, die beim Tippen ergänzt werden. */
import { counted } from '../count';
import type { Words } from '../words';

export const completing: Words['completing'] = {
  name: 'Vorschläge',
  videos: (n) => counted(n, 'Video', 'Videos'),
};
