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
  noFollowersMore: 'People who follow this account appear here.',
  followsNobody: 'Not following anyone yet',
  followsNobodyMore: 'Accounts they follow appear here.',
  withFollowers: (n: number) => counted(n, 'follower'),
  more: 'Show more',
  moreAbout: (name: string) => `More about ${name}`,
  block: 'Block',
  unblock: 'Unblock',
  unblockThem: (name: string) => `Unblock ${name}`,
  blockMeans:
    'You’ll stop following each other. You won’t see each other’s videos and comments, and they can’t find you.',
  unblockMeans: 'You’ll see each other again, but you won’t be following each other.',
  blockedThem: (name: string) => `You blocked ${name}`,
  unblockedThem: (name: string) => `You unblocked ${name}`,
  undo: 'Undo',
  blocked: 'Blocked people',
  blocksNobody: 'You haven’t blocked anyone',
  blocksNobodyMore: 'Accounts you block appear here. You can block someone from their profile.',
};
