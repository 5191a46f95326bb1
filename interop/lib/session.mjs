// A client connected to a program of its own, over either transport.
import { describe, test } from 'node:test';

import { clients } from './clients.mjs';
import { Output } from './output.mjs';
import { command, environment, serve, simulatedAPI, stdioArguments } from './program.mjs';

const transports = {
    async stdio(t, { Stdio }) {
        const transport = new Stdio({ command, args: stdioArguments, env: await environment(), stderr: 'pipe' });
        const stderr = new Output(transport.stderr);
        return { transport, api: () => simulatedAPI(stderr) };
    },
    async HTTP(t, { HTTP }) {
        const program = await serve(t);
        return { transport: new HTTP(program.mcp), api: () => program.api, program };
    },
};

async function open(t, kind, openTransport, dialog) {
    const client = kind.make(dialog);
    t.after(() => client.close());
    const { transport, api, program } = await openTransport(t, kind);
    const revision = await kind.connect(client, transport);
    // A client that knows the tools checks every answer against its output schema.
    const { tools } = await client.listTools();
    return {
        revision,
        tools,
        api: await api(),
        client,
        transport,
        program,
        call: (name, args, options) => kind.call(client, { name, arguments: args }, options),
        close: () => client.close(),
    };
}

/** Most of a test is waiting, so those of one behaviour run beside each other. */
const together = { concurrency: clients.length * Object.keys(transports).length };

/**
 * A test of one behaviour for every client, over every transport or those that
 * are named. body is given connect(dialog), which opens a session; without a
 * dialog the client is one that has none.
 */
export function withEveryClient(behaviour, body, over = Object.keys(transports)) {
    describe(behaviour, together, () => {
        for (const kind of clients) {
            for (const name of over) {
                test(`${kind.title}, over ${name}`, t => body(dialog => open(t, kind, transports[name], dialog), kind));
            }
        }
    });
}
