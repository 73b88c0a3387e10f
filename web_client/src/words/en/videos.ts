/** The words around a video, who may see it, one's own, and sharing. */
export const videos = {
  untitled: 'Untitled video',
  everyone: 'Everyone',
  followers: 'Followers',
  onlyMe: 'Only me',

  title: 'Title',
  titleHint: 'What’s it about? Add #hashtags',
  description: 'Description',
  descriptionHint: 'Say more, mention @people',
  whoMaySee: 'Who can see it',
  whoSees: {
    public: 'Everyone can see it; your followers see it right away.',
    followers: 'Only your followers can see it, and they see it right away.',
    private: 'Only you can see it.',
  },

  yours: 'Your video',
  stats: 'See stats',
  save: 'Save',
  saved: 'Saved',
  delete: 'Delete video',
  deleteTitle: 'Delete this video?',
  deleteMeans: 'Its likes and comments go with it. This can’t be undone.',
  deleteForEver: 'Delete for good',
  cancel: 'Cancel',
  deleted: 'Deleted',

  copiedForSome: 'Link copied. Only people who can see the video can open it.',
};
