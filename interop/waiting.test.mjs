import assert from 'node:assert/strict';

import { accepting } from './lib/dialog.mjs';
import { writes } from './lib/sandbox.mjs';
import { direct, withEveryClient } from './lib/session.mjs';

/** The server's progress. A client tells of its own rounds through the same callback, without a total. */
function progress() {
    const told = [];
    return { told, onprogress: p => p.total !== undefined && told.push(p) };
}

/** Progress as the protocol wants it: growing, and within its total. */
function assertGrows(told) {
    assert.ok(told.length > 0, 'no progress was told');
    for (const [i, { progress, total }] of told.entries()) {
        assert.ok(i === 0 || progress > told[i - 1].progress, `not growing: ${JSON.stringify(told)}`);
        assert.ok(progress <= total, `past its total: ${JSON.stringify(told)}`);
    }
}

withEveryClient('a reboot that is waited for tells its progress and succeeds', async connect => {
    const session = await connect(accepting());
    const { told, onprogress } = progress();
    const { structuredContent } = await session.call('reboot_server', { server: 12345, wait_seconds: 50 }, { onprogress });
    assert.equal(structuredContent.outcome, 'succeeded');
    assertGrows(told);
    assert.deepEqual(await writes(session.api), ['POST /api/v1/servers/12345/reboot/']);
});

withEveryClient('a reboot that was not waited for can be followed afterwards', async connect => {
    const session = await connect(accepting());
    const begun = await session.call('reboot_server', { server: 12345 });
    assert.equal(begun.structuredContent.outcome, 'accepted');
    const { told, onprogress } = progress();
    const { request_id } = begun.structuredContent;
    const { structuredContent } = await session.call('get_request', { request_id, wait_seconds: 50 }, { onprogress });
    assert.equal(structuredContent.outcome, 'succeeded');
    assertGrows(told);
}, direct);

withEveryClient('a wait for a vote that does not come ends with the request as it is', async connect => {
    const session = await connect();
    const asked = await session.call('delete_server', { server_id: 12346, name: 'db-server-01' });
    const { request_id } = asked.structuredContent;
    const began = performance.now();
    const { structuredContent } = await session.call('get_request', { request_id, wait_seconds: 1 });
    assert.equal(structuredContent.outcome, 'pending');
    assert.ok(performance.now() - began >= 900, 'it answered before the time was over');
}, direct);
