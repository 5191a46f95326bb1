import assert from 'node:assert/strict';

import { opening } from './lib/dialog.mjs';
import { writes } from './lib/sandbox.mjs';
import { withEveryClient } from './lib/session.mjs';

withEveryClient('a client that opens pages opens the one where a delete waits, and that decides nothing', async connect => {
    const dialog = opening();
    const session = await connect(dialog);
    const deletion = { server_id: 12346, name: 'db-server-01' };
    const { structuredContent } = await session.call('delete_server', deletion);
    assert.equal(structuredContent.outcome, 'pending');
    assert.equal(dialog.asked.length, 1);
    const [{ mode, url, message, requestedSchema }] = dialog.asked;
    assert.equal(mode, 'url');
    assert.equal(requestedSchema, undefined);
    assert.match(message, /db-server-01/);
    const page = new URL(url);
    assert.equal(page.pathname, `/requests/${structuredContent.request_id}`);
    assert.equal(page.search + page.hash + page.username + page.password, '', 'the address signs somebody in');

    // Asked again, it is the same request, and nobody is bothered twice.
    const again = await session.call('delete_server', deletion);
    assert.equal(again.structuredContent.request_id, structuredContent.request_id);
    assert.equal(dialog.asked.length, 1);
    assert.deepEqual(await writes(session.api), []);
});
