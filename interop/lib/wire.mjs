import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { PassThrough } from 'node:stream';

import { Output } from './output.mjs';

/** A wire to the program at an address, which can be cut, and lets new connections through. */
export async function wire(t, address) {
    const ends = new Set();
    const seen = new PassThrough();
    const heard = new Output(seen);
    const server = createServer(client => {
        const program = connect(address.port, address.hostname);
        for (const [end, other] of [[client, program], [program, client]]) {
            ends.add(end);
            end.on('error', () => {});
            end.on('close', () => {
                ends.delete(end);
                other.destroy();
            });
            end.pipe(other);
        }
        program.on('data', part => seen.write(part));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const cut = () => ends.forEach(end => end.destroy());
    t.after(() => {
        server.close();
        cut();
    });
    const own = new URL(address);
    own.port = server.address().port;
    return {
        address: own,
        cut,
        /** What the program sends to its clients, once it matches. */
        hear: pattern => heard.match(pattern),
    };
}
