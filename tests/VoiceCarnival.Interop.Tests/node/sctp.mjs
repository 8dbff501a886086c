// SCTP and data channels of npm werift, without DTLS, over UDP: node sctp.mjs client|server, with INTEROP_URL for the other side's address.
// Echoes what comes on channels that the other side opens; opens one itself, sends its longest message, compares what comes back, and closes it.
import { createHash, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { Event, RTCDataChannel, RTCDataChannelParameters, RTCSctpTransport } from 'werift';

const longest = 256 * 1024;
const role = process.argv[2];
const { hostname, port } = new URL(process.env.INTEROP_URL);
const report = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const hash = (data) => createHash('sha256').update(data).digest('hex');

// What stands in for DTLS: it carries datagrams.
const socket = createSocket('udp4');
const line = {
  id: 'udp',
  iceTransport: { role: role === 'client' ? 'controlling' : 'controlled' },
  onStateChange: new Event(),
  dataReceiver: () => {},
  sendData: async (data) => {
    if (open) socket.send(data, Number(port), hostname);
  },
};
let open = true;
socket.on('message', (data) => {
  if (data.length > 1) line.dataReceiver(data);
  else end();
});
await new Promise((bound) => socket.bind(0, '127.0.0.1', bound));
// The other side learns where we are by the first datagram, whatever it is.
socket.send('?', Number(port), hostname);

const sctp = new RTCSctpTransport(5000, longest);
sctp.setDtlsTransport(line);
sctp.setRemoteMaxMessageSize(longest);
// werift answers SHUTDOWN, but then takes the SHUTDOWN COMPLETE for one that it does not wait for: so a datagram of one byte says that it is over.
const end = () => {
  open = false;
  report({ step: 'closed', state: sctp.sctp.associationState });
  sctp.stop().then(() => process.exit());
};

sctp.onDataChannel.subscribe((channel) => {
  report({ step: 'opened', label: channel.label });
  channel.onMessage.subscribe((data) => channel.send(data));
  channel.stateChanged.subscribe((state) => {
    if (state === 'closed') report({ step: 'channel closed', label: channel.label });
  });
});

sctp.sctp.stateChanged.connected.subscribe(() => {
  report({ step: 'connected' });
  const channel = new RTCDataChannel(sctp, new RTCDataChannelParameters({ label: 'theirs' }));
  const message = randomBytes(longest);
  channel.stateChanged.subscribe((state) => {
    if (state === 'open') channel.send(message);
    if (state === 'closed') report({ step: 'channel closed', label: channel.label });
  });
  channel.onMessage.subscribe((data) => {
    report({ step: 'echoed', bytes: data.length, same: hash(data) === hash(message) });
    channel.close();
  });
});

await sctp.start(5000);
