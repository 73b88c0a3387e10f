// socket.io with `emit` to everybody, WebSocket transport only.
import { createServer } from "node:http";

import { Server } from "socket.io";

import { obey, port } from "./control.mjs";

const http = createServer();
const server = new Server(http, { transports: ["websocket"], serveClient: false, pingInterval: 600_000, pingTimeout: 600_000 });
http.listen({ port, host: "127.0.0.1", backlog: 4096 });
obey((line) => server.emit("event", line));
