/** Folgen, Listen von Leuten, Blockieren. */
import type { Words } from '../words';
import { count } from '../count';

export const people: Words['people'] = {
  follow: 'Folgen',
  following: 'Gefolgt',
  followThem: (name) => `${name} folgen`,
  unfollowThem: (name) => `Gefolgt: ${name}. Drücken, um nicht mehr zu folgen`,
  toFollow: 'um Leuten zu folgen',
  followers: 'Follower',
  followersOf: (name) => `Follower von ${name}`,
  followedBy: (name) => `Wem ${name} folgt`,
  noFollowers: 'Noch keine Follower',
  noFollowersMore: 'Wer diesem Konto folgt, erscheint hier.',
  followsNobody: 'Folgt noch niemandem',
  followsNobodyMore: 'Wem dieses Konto folgt, erscheint hier.',
  withFollowers: (n) => `${count(n)} Follower`,
  more: 'Mehr zeigen',
  moreAbout: (name) => `Mehr zu ${name}`,
  block: 'Blockieren',
  unblock: 'Blockierung aufheben',
  unblockThem: (name) => `${name}: Blockierung aufheben`,
  blockMeans:
    'Dann folgt ihr einander nicht mehr. Keiner von euch sieht, was die andere Person zeigt oder schreibt, und sie findet dich nicht.',
  unblockMeans: 'Ihr seht einander wieder, folgt einander aber nicht.',
  blockedThem: (name) => `Du hast ${name} blockiert`,
  unblockedThem: (name) => `Du blockierst ${name} nicht mehr`,
  undo: 'Rückgängig',
  blocked: 'Blockierte Leute',
  blocksNobody: 'Du blockierst niemanden',
  blocksNobodyMore:
    'Wen du blockierst, erscheint hier. Blockieren kannst du jemanden auf dem Profil.',
};
