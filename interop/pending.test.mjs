import assert from 'node:assert/strict';

import { accepting } from './lib/dialog.mjs';
import { writes } from './lib/sandbox.mjs';
import { direct, withEveryClient } from './lib/session.mjs';

const deletion = { server_id: 12346, name: 'db-server-01', reason: 'no longer used' };

/** What an assistant is given of a request that waits for a person. */
function assertWaits({ structuredContent, isError }) {
    assert.ok(!isError);
    assert.equal(structuredContent.outcome, 'pending');
    assert.equal(structuredContent.state, 'pending');
    assert.ok(structuredContent.request_id);
    assert.ok(structuredContent.needs.length > 0);
    assert.ok(Date.parse(structuredContent.expires_at) > Date.now());
}

withEveryClient('a client without a dialog gets a request that waits for the person', async connect => {
    const session = await connect();
    assertWaits(await session.call('reboot_server', { server: 12345 }));
    assert.deepEqual(await writes(session.api), []);
}, direct);

withEveryClient('a delete waits for the page, whatever a dialog would say', async connect => {
    const dialog = accepting();
    const session = await connect(dialog);
    const answer = await session.call('delete_server', deletion);
    assertWaits(answer);
    assert.equal(dialog.asked.length, 0);
    const later = await session.call('get_request', { request_id: answer.structuredContent.request_id, wait_seconds: 1 });
    assertWaits(later);
    assert.deepEqual(await writes(session.api), []);
}, direct);

withEveryClient('the assistant is told where the person answers, but given no way in', async connect => {
    const session = await connect();
    const answer = await session.call('delete_server', deletion);
    const { message, request_id: id } = answer.structuredContent;
    assert.match(message, new RegExp(`http://\\S+/requests/${id}`));
    assert.doesNotMatch(JSON.stringify(answer), /login|code=/);
}, direct);

withEveryClient('asking again is the same request', async connect => {
    const session = await connect();
    const first = await session.call('delete_server', deletion);
    const again = await session.call('delete_server', deletion);
    assert.equal(again.structuredContent.request_id, first.structuredContent.request_id);
}, direct);

withEveryClient('a request that its asker takes back is never sent', async connect => {
    const session = await connect();
    const asked = await session.call('delete_server', deletion);
    const { request_id } = asked.structuredContent;

    const cancelled = await session.call('cancel_request', { request_id });
    assert.ok(!cancelled.isError);
    assert.equal(cancelled.structuredContent.outcome, 'succeeded');
    assert.equal(cancelled.structuredContent.state, 'cancelled');

    const found = await session.call('get_request', { request_id });
    assert.ok(!found.isError);
    assert.equal(found.structuredContent.outcome, 'denied');
    assert.equal(found.structuredContent.state, 'cancelled');
    assert.deepEqual(await writes(session.api), []);
}, direct);

withEveryClient('a delete whose id and name disagree is refused', async connect => {
    const session = await connect();
    const { isError, content } = await session.call('delete_server', { server_id: 12345, name: 'db-server-01' });
    assert.equal(isError, true);
    assert.match(content[0].text, /web-server-01|db-server-01/);
    assert.deepEqual(await writes(session.api), []);
}, direct);
