/** Following, lists of people, blocks. */
import { counted } from '../count';

export const people = {
  follow: 'Follow',
  following: 'Following',
  followThem: (name: string) => `Follow ${name}`,
  unfollowThem: (name: string) => `Following ${name}. Press to unfollow`,
  toFollow: 'to follow people',
  followers: 'Followers',
  followersOf: (name: string) => `Followers of ${name}`,
  followedBy: (name: string) => `Followed by ${name}`,
  noFollowers: 'No followers yet',
  noFollowersMore: 'Whoever follows this account is listed here.',
  followsNobody: 'Follows nobody yet',
  followsNobodyMore: 'Whom this account follows is listed here.',
  withFollowers: (n: number) => counted(n, 'follower'),
  more: 'Show more',
  moreAbout: (name: string) => `More about ${name}`,
  block: 'Block',
  unblock: 'Unblock',
  unblockThem: (name: string) => `Unblock ${name}`,
  blockMeans:
    'You stop following each other. Neither sees the other’s videos and comments, and they do not find you.',
  unblockMeans: 'You see each other again. Who followed whom does not come back.',
  blockedThem: (name: string) => `You blocked ${name}`,
  unblockedThem: (name: string) => `You no longer block ${name}`,
  undo: 'Undo',
  blocked: 'Blocked people',
  blocksNobody: 'You block nobody',
  blocksNobodyMore: 'Whom you block is listed here. The way to it is on their profile.',
};
