/** Recording a video with the camera. */
export const record = {
  title: 'Record a video',
  asking: 'Asking for the camera…',
  close: 'Close',
  turn: 'Flip camera',
  timer: (seconds: number) => (seconds ? `Timer: ${seconds} seconds` : 'Timer: off'),
  start: 'Record',
  stopCounting: 'Stop the countdown',
  pause: 'Pause',
  goOn: 'Continue recording',
  done: 'Done',
  finishing: 'One moment…',
  recording: 'Recording',
  paused: 'Paused',
  of: (now: string, most: string) => `${now} of ${most}`,
  microphone: 'Microphone',
  noMicrophone: 'No microphone, so no sound',
  discardTitle: 'Discard this recording?',
  discard: 'Discard',
  keep: 'Keep it',
  again: 'Try again',
  refusedTitle: 'No camera',
  refused: {
    denied:
      'This page isn’t allowed to use the camera. Allow camera and microphone next to the address bar, or in your browser’s settings, then try again.',
    missing: 'No camera found. Choose a video from this device instead.',
    busy: 'Another app is using the camera. Close it and try again.',
    unsupported:
      'This browser can’t record videos. Record with your camera app, then choose that video.',
    other: 'The camera isn’t working right now. Try again, or choose a video from this device.',
  },
};
