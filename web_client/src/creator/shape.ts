/** The arithmetic of curves: where points lie, and the line that is drawn through them. */

export interface Point {
  x: number;
  y: number;
}

/** Points of values from left to right over `width`; 0 lies at `height`, `most` at the top. */
export function pointsOf(
  values: readonly number[],
  most: number,
  width: number,
  height: number,
): Point[] {
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  const scale = most > 0 ? height / most : 0;
  return values.map((value, at) => ({ x: at * step, y: height - value * scale }));
}

/** A path through the points, as SVG has it, with a digit behind the point. */
export function lineOf(points: readonly Point[]): string {
  return points.map(({ x, y }, at) => `${at === 0 ? 'M' : 'L'}${short(x)} ${short(y)}`).join('');
}

/** The same, closed along the ground at `height`. */
export function areaOf(points: readonly Point[], height: number): string {
  const [first, last] = [points.at(0), points.at(-1)];
  if (!first || !last) return '';
  return `${lineOf(points)}L${short(last.x)} ${short(height)}L${short(first.x)} ${short(height)}Z`;
}

/** The least round number that is not below: 1, 2, 5, 10, 20, 50 …; what the highest line of a chart stands for. */
export function roundAbove(value: number): number {
  if (value <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5].find((step) => step * power >= value) ?? 10) * power;
}

/** Which of `many` points is nearest to a place (0..1) from left to right. */
export function nearest(many: number, place: number): number {
  return Math.min(many - 1, Math.max(0, Math.round(place * (many - 1))));
}

function short(value: number): string {
  return String(Math.round(value * 10) / 10);
}
