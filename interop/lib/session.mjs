// A client connected to a program of its own, over any of the transports.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { clients } from './clients.mjs';
import { collector } from './collector.mjs';
import { Output } from './output.mjs';
import { command, environment, serve, simulatedAPI, stdioArguments } from './program.mjs';
import { wire } from './wire.mjs';

const proxy = fileURLToPath(new URL('dist/proxy.js', new URL('.', import.meta.resolve('mcp-remote/package.json'))));

async function overStdio(t, { Stdio }, { settings, shared }) {
    const args = shared ? ['mcp'] : stdioArguments;
    const transport = new Stdio({ command, args, env: { ...await environment(), ...settings, ...shared?.settings }, stderr: 'pipe' });
    const stderr = new Output(transport.stderr);
    return {
        transport,
        api: () => shared?.api ?? simulatedAPI(stderr),
        signIn: async () => (await stderr.match(/waits for you: (\S+)/))[1],
    };
}

/** Serves, at the far end of a wire. */
async function overWire(t, { settings }) {
    const program = await serve(t, { ...settings, VPSOPS_ALLOWED_HOSTS: '127.0.0.1' });
    return { api: () => program.api, signIn: () => program.signIn, program, wire: await wire(t, program.mcp) };
}

async function overHTTP(t, { HTTP }, options) {
    const served = await overWire(t, options);
    return { ...served, transport: new HTTP(served.wire.address) };
}

/** Clients that start servers and know no HTTP come through mcp-remote. */
const throughProxy = (...flags) => async (t, { Stdio }, options) => {
    const served = await overWire(t, options);
    const args = [proxy, served.wire.address.href, '--transport', 'http-only', ...flags];
    const transport = new Stdio({ command: process.execPath, args, env: await environment(), stderr: 'ignore' });
    const bridged = uri => flags.length > 0 && served.wire.hear(new RegExp(`subscriptions/acknowledged.*${uri}`));
    return { ...served, transport, bridged };
};

const transports = {
    stdio: overStdio,
    HTTP: overHTTP,
    'mcp-remote': throughProxy(),
    'mcp-remote, which speaks the newest revision to the program': throughProxy('--protocol', 'auto'),
};

/** Seconds in which a call that was to wait for fifty is over, where it was let go. */
export const patience = 25;

/** Milliseconds, after which the clients stop waiting and kill what they started. */
export const clientsPatience = 2000;

/** How many milliseconds it takes to close a session. */
export async function closing(session) {
    const began = performance.now();
    await session.close();
    return performance.now() - began;
}

/** Without anybody in between. */
export const direct = ['stdio', 'HTTP'];

/** Over HTTP, whoever comes in between. */
export const remote = Object.keys(transports).filter(name => name !== 'stdio');

/** What passes a dialog on that opens a page. */
export const passesPages = Object.keys(transports).filter(name => !name.includes('newest'));

/**
 * What passes a cancellation on. Over HTTP a client of the newest revision does
 * so by ending the stream of the answer, and that proxy sends a notification.
 */
export const passesCancelling = passesPages;

/** The proxy's own clients speak the older era alone. */
const goesTogether = (kind, name) => direct.includes(name) || kind.revision === '2025-11-25';

async function open(t, kind, openTransport, dialog, shared) {
    const client = kind.make(dialog);
    t.after(() => client.close());
    const traces = await collector(t);
    const { transport, api, ...way } = await openTransport(t, kind, { settings: traces.settings, shared });
    const revision = await kind.connect(client, transport);
    // A client that knows the tools checks every answer against its output schema.
    const { tools } = await client.listTools();
    const call = (name, args, options) => kind.call(client, { name, arguments: args }, options);
    return {
        revision,
        tools,
        api: await api(),
        client,
        transport,
        ...way,
        lasted: traces.lasted,
        call,
        /** Has the program wait for a request, and answers when it does. */
        async wait(request_id) {
            const begun = Promise.withResolvers();
            const leave = new AbortController();
            const answer = call('get_request', { request_id, wait_seconds: 50 }, { signal: leave.signal, onprogress: begun.resolve });
            answer.catch(() => {}); // which of them end is for the test to say
            assert.equal(await Promise.race([begun.promise.then(() => 'waits'), answer]), 'waits');
            return { answer, leave: () => leave.abort() };
        },
        close: () => client.close(),
    };
}

/** Most of a test is waiting, so those of one behaviour run beside each other. */
const together = { concurrency: clients.length * direct.length };

/**
 * A test of one behaviour for every client, over every transport that it can
 * use or those that are named. body is given connect(dialog), which opens a
 * session; without a dialog the client is one that has none. A second argument
 * of connect, of ledgerAndAPI, has the processes of sessions over stdio share
 * what they keep.
 */
export function withEveryClient(behaviour, body, over = Object.keys(transports)) {
    describe(behaviour, together, () => {
        for (const kind of clients) {
            for (const name of over.filter(name => goesTogether(kind, name))) {
                test(`${kind.title}, over ${name}`, t => body((dialog, shared) => open(t, kind, transports[name], dialog, shared), kind, t));
            }
        }
    });
}
