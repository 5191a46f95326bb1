import assert from 'node:assert/strict';

import { clientsPatience, closing, withEveryClient } from './lib/session.mjs';

const deletion = { server_id: 12346, name: 'db-server-01' };

withEveryClient('the program ends with the client that started it, also with its page open', async connect => {
    const session = await connect();
    await session.call('delete_server', deletion);
    const { pid } = session.transport;
    const took = await closing(session);
    assert.ok(took < clientsPatience, `it took ${took} ms`);
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
}, ['stdio']);

withEveryClient('the program ends when it is told to, also while a client listens', async connect => {
    const session = await connect();
    await session.call('delete_server', deletion);
    const began = performance.now();
    assert.equal(await session.program.end(), 0);
    const took = performance.now() - began;
    assert.ok(took < clientsPatience, `it took ${took} ms`);
}, ['HTTP']);
