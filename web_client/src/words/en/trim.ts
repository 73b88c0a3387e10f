/** Choosing the part of a video that is posted. */
export const trim = {
  name: 'Trim',
  start: 'Start',
  end: 'End',
  hint: 'Drag the ends to post just a part.',
  part: (length: string, of: string) => `${length} of ${of}`,
  most: (length: string) => `The limit is ${length}.`,
  whole: 'Reset',
  cannot: 'This file can’t be trimmed here. All of it will be posted.',
};
