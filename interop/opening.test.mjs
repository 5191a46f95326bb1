import assert from 'node:assert/strict';

import { cancelling, declining, opening, unanswered, withPages } from './lib/dialog.mjs';
import { writes } from './lib/sandbox.mjs';
import { passesPages, patience, withEveryClient } from './lib/session.mjs';

const deletion = { server_id: 12346, name: 'db-server-01' };

for (const [what, answer] of [
    ['opens', opening],
    ['declines to open', () => withPages(declining())],
    ['dismisses', () => withPages(cancelling())],
]) {
    withEveryClient(`a delete waits on a page that the person ${what}, and that decides nothing`, async connect => {
        const dialog = answer();
        const session = await connect(dialog);
        const { structuredContent, isError } = await session.call('delete_server', deletion);
        assert.ok(!isError);
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
        assert.equal(again.structuredContent.state, 'pending');
        assert.equal(dialog.asked.length, 1);
        assert.deepEqual(await writes(session.api), []);
    }, passesPages);
}

withEveryClient('a page that nobody opens or closes sends nothing, holds nothing up, and the request stands', async connect => {
    const dialog = withPages(unanswered());
    const session = await connect(dialog);
    const leave = new AbortController();
    const call = session.call('delete_server', deletion, { signal: leave.signal });
    const { mode, url } = await dialog.shown;
    assert.equal(mode, 'url');
    const { isError } = await session.call('get_server', { server: 12346 });
    assert.ok(!isError);
    leave.abort();
    dialog.close();
    await assert.rejects(call);
    assert.ok(await session.lasted('delete_server') < patience);
    const request_id = new URL(url).pathname.split('/').at(-1);
    const { structuredContent } = await session.call('get_request', { request_id });
    assert.equal(structuredContent.state, 'pending');
    assert.deepEqual(await writes(session.api), []);
}, passesPages);
