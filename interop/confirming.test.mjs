import assert from 'node:assert/strict';

import { accepting, acceptingUnticked, cancelling, declining } from './lib/dialog.mjs';
import { writes } from './lib/sandbox.mjs';
import { direct, withEveryClient } from './lib/session.mjs';

const reboot = 'POST /api/v1/servers/12345/reboot/';

withEveryClient('a reboot that the person confirms is sent once', async connect => {
    const dialog = accepting();
    const session = await connect(dialog);
    const { structuredContent, isError } = await session.call('reboot_server', { server: 'web-server-01' });
    assert.ok(!isError);
    assert.ok(['accepted', 'succeeded'].includes(structuredContent.outcome), structuredContent.outcome);
    assert.equal(structuredContent.server.id, 12345);
    assert.deepEqual(await writes(session.api), [reboot]);
    assert.equal(dialog.asked.length, 1);
});

withEveryClient('the dialog is a form of one required boolean that names the server', async connect => {
    const dialog = declining();
    const session = await connect(dialog);
    await session.call('reboot_server', { server: 12345, reason: 'it hangs' });
    const [{ message, requestedSchema }] = dialog.asked;
    assert.deepEqual(Object.keys(requestedSchema.properties), ['confirm']);
    assert.equal(requestedSchema.properties.confirm.type, 'boolean');
    assert.deepEqual(requestedSchema.required, ['confirm']);
    assert.match(message, /reboot/i);
    assert.match(message, /web-server-01/);
    assert.match(message.split('\n').at(-1), /it hangs/, "the assistant's reason stands last");
});

for (const [what, answer] of [
    ['declines', declining],
    ['dismisses', cancelling],
    ['accepts without ticking', acceptingUnticked],
]) {
    withEveryClient(`a reboot whose dialog the person ${what} is denied and never sent`, async connect => {
        const dialog = answer();
        const session = await connect(dialog);
        const { structuredContent, isError } = await session.call('reboot_server', { server: 12345 });
        assert.equal(dialog.asked.length, 1);
        assert.equal(isError, true);
        assert.equal(structuredContent.outcome, 'denied');
        assert.equal(structuredContent.state, 'denied');
        assert.deepEqual(await writes(session.api), []);
    });
}

withEveryClient('every stop is asked about anew, and a start never', async connect => {
    const dialog = accepting();
    const session = await connect(dialog);
    const questions = [];
    for (const tool of ['stop_server', 'start_server', 'stop_server']) {
        const { structuredContent } = await session.call(tool, { server: 12345, wait_seconds: 50 });
        assert.equal(structuredContent.outcome, 'succeeded', tool);
        questions.push(dialog.asked.length);
    }
    assert.deepEqual(questions, [1, 1, 2]);
    assert.deepEqual(await writes(session.api), [
        'POST /api/v1/servers/12345/stop/',
        'POST /api/v1/servers/12345/start/',
        'POST /api/v1/servers/12345/stop/',
    ]);
}, direct);
