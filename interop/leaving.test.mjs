import assert from 'node:assert/strict';

import { failing, unanswered } from './lib/dialog.mjs';
import { writes } from './lib/sandbox.mjs';
import { withEveryClient } from './lib/session.mjs';

const deletion = { server_id: 12346, name: 'db-server-01' };

withEveryClient('a client that claims a dialog and has none sends nothing', async connect => {
    const session = await connect(failing());
    await session.call('reboot_server', { server: 12345 }).catch(() => {});
    assert.deepEqual(await writes(session.api), []);
});

withEveryClient('a dialog that nobody answers sends nothing, and holds nothing up', async connect => {
    const dialog = unanswered();
    const session = await connect(dialog);
    const leave = new AbortController();
    const call = session.call('reboot_server', { server: 12345 }, { signal: leave.signal });
    await dialog.shown;
    const { isError } = await session.call('get_server', { server: 12346 });
    assert.ok(!isError);
    leave.abort();
    dialog.close();
    await assert.rejects(call);
    assert.deepEqual(await writes(session.api), []);
});

withEveryClient('a wait that is cancelled ends, and the request stands', async connect => {
    const session = await connect();
    const { request_id } = (await session.call('delete_server', deletion)).structuredContent;
    const leave = new AbortController();
    const wait = session.call('get_request', { request_id, wait_seconds: 50 }, { signal: leave.signal });
    leave.abort();
    await assert.rejects(wait);
    const { structuredContent } = await session.call('get_request', { request_id });
    assert.equal(structuredContent.state, 'pending');
});

withEveryClient('a request outlives the client that waited for it: another takes it up', async (connect, kind) => {
    const session = await connect();
    const { request_id } = (await session.call('delete_server', deletion)).structuredContent;
    const wait = session.call('get_request', { request_id, wait_seconds: 50 }).catch(() => {});
    await session.close();
    await wait;
    const again = kind.make();
    await kind.connect(again, new kind.HTTP(session.program.mcp));
    const { structuredContent } = await kind.call(again, { name: 'get_request', arguments: { request_id } });
    assert.equal(structuredContent.state, 'pending');
    await again.close();
    assert.deepEqual(await writes(session.api), []);
}, ['HTTP']);

