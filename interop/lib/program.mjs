// The program under test, with surroundings of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Output } from './output.mjs';

export const command = process.env.VPSOPS_PROGRAM;
if (!command) {
    throw new Error('VPSOPS_PROGRAM is not set: start the tests with interop/run.sh');
}

/** Arguments for a client that starts the program itself. */
export const stdioArguments = ['mcp', '--sandbox'];

/** An environment without anything of the user's: no settings, no state, no browser. */
export async function environment() {
    const home = await mkdtemp(join(tmpdir(), 'home-'));
    return {
        PATH: process.env.PATH,
        HOME: home,
        XDG_STATE_HOME: join(home, 'state'),
        XDG_CONFIG_HOME: join(home, 'config'),
        VPSOPS_OPEN_BROWSER: 'never',
        VPSOPS_LISTEN: '127.0.0.1:0',
        VPSOPS_ADMIN_LISTEN: '127.0.0.1:0',
    };
}

/** The simulated API's address, which the program names in its output. */
export async function simulatedAPI(output) {
    const [, address] = await output.match(/^api: +(http:\S+)/m);
    return address;
}

/** Starts the program, to be killed with the test. end() asks it to end and answers how it did. */
function start(t, args, env) {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
    const exited = once(child, 'exit');
    const end = async (signal = 'SIGTERM') => {
        child.kill(signal);
        const [code] = await exited;
        return code;
    };
    t.after(() => end('SIGKILL'));
    return { screen: new Output(child.stdout), end };
}

/** Starts `serve --sandbox`, with further settings. signIn is its one-time link. */
export async function serve(t, settings = {}) {
    const { screen, end } = start(t, ['serve', '--sandbox'], { ...await environment(), ...settings });
    const [, mcp] = await screen.match(/^mcp: +(http:\S+)$/m);
    const [, signIn] = await screen.match(/^sign in: +(http:\S+)$/m);
    return { mcp: new URL(mcp), api: await simulatedAPI(screen), signIn, end };
}

/**
 * Starts the simulated API on its own. settings have processes of the program
 * that start one after the other share it, and their ledger.
 */
export async function ledgerAndAPI(t) {
    const env = await environment();
    const { screen } = start(t, ['sandbox', '--listen', '127.0.0.1:0', '--speed', '2000'], env);
    const api = await simulatedAPI(screen);
    const [, token] = await screen.match(/^token: +(\S+)$/m);
    const settings = { XDG_STATE_HOME: env.XDG_STATE_HOME, VPSOPS_STORE: join(env.HOME, 'ledger.db'), VPS_API_URL: api, VPS_API_TOKEN: token };
    return { api, settings };
}
