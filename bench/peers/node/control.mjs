// What the peers on Node share: their two addresses on the command line, and lines to be broadcast.
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

export const port = Number(process.argv[2]);
const path = process.argv[3];

/** Hand over each line that comes, for ever. Says `ready` first. */
export function obey(broadcast) {
  rmSync(path, { force: true });
  createServer((orders) => createInterface({ input: orders }).on("line", broadcast)).listen(path, () => console.log("ready"));
}
