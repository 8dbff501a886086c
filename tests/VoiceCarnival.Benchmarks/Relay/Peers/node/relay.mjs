// A relay as one writes it with ws: node relay.mjs PORT UPSTREAM_PORT
import { WebSocket, WebSocketServer } from 'ws';

const [port, upstreamPort] = process.argv.slice(2).map(Number);
const server = new WebSocketServer({ host: '127.0.0.1', port, perMessageDeflate: false });

server.on('connection', (caller, request) => {
  const upstream = new WebSocket(`ws://127.0.0.1:${upstreamPort}${request.url}`, ['realtime'], { perMessageDeflate: false });
  const waiting = [];
  caller.on('message', (data, isBinary) => {
    if (upstream.readyState === WebSocket.OPEN) upstream.send(data, { binary: isBinary });
    else waiting.push([data, isBinary]);
  });
  upstream.on('open', () => waiting.forEach(([data, isBinary]) => upstream.send(data, { binary: isBinary })));
  upstream.on('message', (data, isBinary) => caller.send(data, { binary: isBinary }));
  caller.on('close', () => upstream.close());
  upstream.on('close', () => caller.close());
  caller.on('error', () => upstream.terminate());
  upstream.on('error', () => caller.terminate());
});
