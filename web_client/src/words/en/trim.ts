/** Choosing the part of a video that is posted. */
export const trim = {
  name: 'Trim',
  start: 'Beginning',
  end: 'End',
  hint: 'Pull the ends to post only a part.',
  part: (length: string, of: string) => `${length} of ${of}`,
  most: (length: string) => `The server takes up to ${length}.`,
  whole: 'Undo',
  cannot: 'Parts of this file cannot be cut out here. All of it is posted.',
};
