/** A file that is written piece by piece, some of them over earlier ones; the browser may keep its bytes on a disk. */

interface Piece {
  at: number;
  bytes: Blob;
}

export class Pieces {
  /** In order, without overlaps. */
  #pieces: Piece[] = [];

  /** Writes there, over what was there before. */
  put(at: number, data: Uint8Array<ArrayBuffer>): void {
    const end = at + data.byteLength;
    const others = this.#pieces.flatMap((piece) => [
      ...slice(piece, piece.at, Math.min(at, piece.at + piece.bytes.size)),
      ...slice(piece, Math.max(end, piece.at), piece.at + piece.bytes.size),
    ]);
    this.#pieces = [...others, { at, bytes: new Blob([data]) }].sort((a, b) => a.at - b.at);
  }

  /**
   * All of it.
   *
   * Throws where there is a gap.
   */
  whole(type: string): Blob {
    let end = 0;
    for (const { at, bytes } of this.#pieces) {
      if (at !== end) throw new Error(`nothing was written at ${end}`);
      end = at + bytes.size;
    }
    return new Blob(
      this.#pieces.map(({ bytes }) => bytes),
      { type },
    );
  }
}

function slice({ at, bytes }: Piece, from: number, to: number): Piece[] {
  return from < to ? [{ at: from, bytes: bytes.slice(from - at, to - at) }] : [];
}
