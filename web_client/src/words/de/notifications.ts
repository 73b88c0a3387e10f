/** Was andere getan haben. Wörter in Klammern stehen für Namen und Titel. */
import type { Words } from '../words';

export const notifications: Words['notifications'] = {
  title: 'Mitteilungen',
  nothing: 'Noch nichts',
  nothingMore: 'Neue Follower, Erwähnungen, Likes und Kommentare erscheinen hier.',
  more: 'Mehr zeigen',
  unread: 'Neu',
  one: '{first}',
  two: '{first} und {second}',
  many: (others) =>
    others === 1
      ? '{first}, {second} und eine weitere Person'
      : `{first}, {second} und ${others} weitere`,
  video: '„{title}“',
  yourVideo: 'dein Video',
  follower: (n) => (n === 1 ? '{who} folgt dir jetzt' : '{who} folgen dir jetzt'),
  like: (n) => (n === 1 ? '{who} mag {video}' : '{who} mögen {video}'),
  comment: (n) => (n === 1 ? '{who} hat {video} kommentiert' : '{who} haben {video} kommentiert'),
  mention: (n) => (n === 1 ? '{who} hat dich erwähnt' : '{who} haben dich erwähnt'),
  mentionInVideo: (n) =>
    n === 1 ? '{who} hat dich in einem Video erwähnt' : '{who} haben dich in einem Video erwähnt',
  ready: '{video} ist fertig',
  readyUnnamed: 'Dein Video ist fertig',
  failed: '{video} konnte nicht verarbeitet werden',
  failedUnnamed: 'Dein Video konnte nicht verarbeitet werden',
};
