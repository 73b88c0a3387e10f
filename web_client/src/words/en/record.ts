/** Recording a video with the camera. */
export const record = {
  title: 'Record a video',
  asking: 'Asking for the camera …',
  close: 'Close',
  turn: 'Turn the camera',
  timer: (seconds: number) => (seconds ? `Timer: ${seconds} seconds` : 'Timer: off'),
  start: 'Record',
  stopCounting: 'Stop the countdown',
  pause: 'Pause',
  goOn: 'Go on recording',
  done: 'Done',
  finishing: 'One moment …',
  recording: 'Recording',
  paused: 'Paused',
  of: (now: string, most: string) => `${now} of ${most}`,
  microphone: 'Microphone',
  noMicrophone: 'No microphone: there will be no sound',
  discardTitle: 'Throw this recording away?',
  discard: 'Throw away',
  keep: 'Keep it',
  again: 'Try again',
  refusedTitle: 'No camera',
  refused: {
    denied:
      'This page may not use the camera. Allow camera and microphone beside the address bar, or in the settings of your browser, then try again.',
    missing: 'There is no camera here. Choose a video from this device instead.',
    busy: 'Another program uses the camera. Close it and try again.',
    unsupported:
      'This browser cannot record videos. Record with your camera app, then choose that video.',
    other: 'The camera does not work right now. Try again, or choose a video from this device.',
  },
};
