/** The words around a video, who may see it, one's own, and sharing. */
export const videos = {
  untitled: 'Untitled video',
  everyone: 'Everyone',
  followers: 'Followers',
  onlyMe: 'Only me',

  title: 'Title',
  titleHint: 'What is it? #hashtags are welcome',
  description: 'Description',
  descriptionHint: 'Say more, mention @people',
  whoMaySee: 'Who may see it',
  whoSees: {
    public: 'Everybody can see it; your followers see it at once.',
    followers: 'Only your followers can see it, and they see it at once.',
    private: 'Nobody else can see it.',
  },

  yours: 'Your video',
  stats: 'How it is watched',
  save: 'Save',
  saved: 'Saved',
  delete: 'Delete video',
  deleteTitle: 'Delete this video?',
  deleteMeans: 'Its likes and comments go with it. This can’t be undone.',
  deleteForEver: 'Delete for ever',
  cancel: 'Cancel',
  deleted: 'Deleted',

  copiedForSome: 'Link copied. Only those who may see the video can open it.',
};
