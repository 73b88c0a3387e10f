/** Text whose hashtags and mentions lead to their pages. */
import { pieces } from './text';

export function Linked({ text }: { text: string }) {
  return (
    <>
      {pieces(text).map((piece, index) =>
        piece.leadsTo ? (
          <a key={index} href={piece.leadsTo}>
            {piece.text}
          </a>
        ) : (
          piece.text
        ),
      )}
    </>
  );
}
