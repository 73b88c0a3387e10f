// `ws`, as its documentation broadcasts.
import { WebSocketServer } from "ws";

import { obey, port } from "./control.mjs";

const server = new WebSocketServer({ host: "127.0.0.1", port, perMessageDeflate: false, backlog: 4096 });
obey((line) => {
  for (const client of server.clients) client.send(line);
});
