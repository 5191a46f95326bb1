// Takes the program's traces as OpenTelemetry's collector does. They tell how
// long a call kept the program, whatever became of it for its client.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { PassThrough } from 'node:stream';

import { Output } from './output.mjs';

/** Starts a collector. settings have a program send its traces there. */
export async function collector(t) {
    const received = new PassThrough();
    const traces = new Output(received, 'latin1');
    const server = createServer((request, response) => {
        request.pipe(received, { end: false });
        request.on('end', () => response.end());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => {
        server.close();
        server.closeAllConnections();
    });
    return {
        settings: {
            OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${server.address().port}`,
            OTEL_BSP_SCHEDULE_DELAY: '50',
        },
        /** How many seconds the first call of a tool took the program, once it is over. */
        async lasted(tool) {
            // In a span its name, its kind and the two times in nanoseconds
            // follow each other, each after a byte that says which it is.
            const [, from, to] = await traces.match(new RegExp(`tools/call ${tool}0[^]9([^]{8})A([^]{8})`));
            const [began, ended] = [from, to].map(time => Buffer.from(time, 'latin1').readBigUInt64LE());
            return Number(ended - began) / 1e9;
        },
    };
}
