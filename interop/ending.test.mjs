import assert from 'node:assert/strict';

import { withEveryClient } from './lib/session.mjs';

/** Milliseconds, after which the clients stop waiting and kill what they started. */
const patience = 2000;

const deletion = { server_id: 12346, name: 'db-server-01' };

async function timed(what) {
    const began = performance.now();
    const result = await what();
    return { result, took: performance.now() - began };
}

withEveryClient('the program ends with the client that started it, also with its page open', async connect => {
    const session = await connect();
    await session.call('delete_server', deletion);
    const { pid } = session.transport;
    const { took } = await timed(session.close);
    assert.ok(took < patience, `it took ${took} ms`);
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
}, ['stdio']);

withEveryClient('the program ends when it is told to, also while a client listens', async connect => {
    const session = await connect();
    await session.call('delete_server', deletion);
    const { took, result: code } = await timed(() => session.program.end());
    assert.equal(code, 0);
    assert.ok(took < patience, `it took ${took} ms`);
}, ['HTTP']);
