/** One's own video, sharing, and who may see a video. */
export const videos = {
  untitled: 'Untitled video',
  everyone: 'Everyone',
  followers: 'Followers',
  onlyMe: 'Only me',

  yours: 'Your video',
  stats: 'How it is watched',
  title: 'Title',
  description: 'Description',
  whoMaySee: 'Who may see it',
  save: 'Save',
  saved: 'Saved',
  delete: 'Delete video',
  deleteForEver: 'Delete for ever',
  deleted: 'Deleted',

  copiedForSome: 'Link copied. Only those who may see the video can open it.',
};
