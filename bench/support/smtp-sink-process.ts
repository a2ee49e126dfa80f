// The process behind `SmtpSink`. It sends its port, and then answers each message with the number of mails that it has
// taken.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

let mails = 0;
const sink = new SMTPServer({
  authOptional: true,
  disabledCommands: ['AUTH', 'STARTTLS'],
  logger: false,
  onData: (stream, _session, callback) => {
    stream.resume();
    stream.on('end', () => {
      mails += 1;
      callback();
    });
  },
});
sink.on('error', () => undefined);
sink.listen(0, '127.0.0.1');
await once(sink.server, 'listening');
process.send?.((sink.server.address() as AddressInfo).port);
process.on('message', () => process.send?.(mails));
process.on('disconnect', () => process.exit(0));
