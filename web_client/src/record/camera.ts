/** The camera and the microphone: asked for, and what it means when they cannot be had. */

export type Facing = 'user' | 'environment';

/** Why there is nothing to record with. */
export type Refusal = 'denied' | 'missing' | 'busy' | 'unsupported' | 'other';

/** What is asked for; browsers come as near as they can. */
const PICTURE = {
  width: { ideal: 1080, max: 1920 },
  height: { ideal: 1920, max: 1920 },
  frameRate: { ideal: 30 },
};

/**
 * Pictures and sound; pictures alone where there is no microphone.
 *
 * Throws what the browser says; `refusalOf` knows what it means.
 */
export async function openCamera(facing: Facing): Promise<MediaStream> {
  if (!('mediaDevices' in navigator)) throw new DOMException('no devices', 'NotSupportedError');
  const video = { ...PICTURE, facingMode: { ideal: facing } };
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio: true });
  } catch (error) {
    if (refusalOf(error) !== 'missing') throw error;
    return navigator.mediaDevices.getUserMedia({ video });
  }
}

export function closeCamera(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** Is there another camera to turn to? Known once one was allowed. */
export async function hasTwoCameras(): Promise<boolean> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter(({ kind }) => kind === 'videoinput').length > 1;
}

/** The names are those of the Media Capture specification, section 10.2. */
export function refusalOf(error: unknown): Refusal {
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    case 'NotSupportedError':
      return 'unsupported';
    default:
      return 'other';
  }
}
