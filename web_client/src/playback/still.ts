/** The last frame, held on the screen while a video element changes its source underneath. */

export class Still {
  #canvas: HTMLCanvasElement | null = null;

  constructor(private readonly video: HTMLVideoElement) {}

  /** Paints the frame that is shown now over the element. */
  take(): void {
    const { videoWidth, videoHeight } = this.video;
    if (!videoWidth || !this.video.parentElement) return;
    this.drop();
    const canvas = document.createElement('canvas');
    canvas.width = videoWidth;
    canvas.height = videoHeight;
    canvas.className = 'still';
    canvas.getContext('2d')?.drawImage(this.video, 0, 0);
    this.video.after(canvas);
    this.#canvas = canvas;
  }

  drop(): void {
    this.#canvas?.remove();
    this.#canvas = null;
  }
}
