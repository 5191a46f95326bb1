import assert from 'node:assert/strict';

import { failing, unanswered } from './lib/dialog.mjs';
import { signIn } from './lib/page.mjs';
import { ledgerAndAPI } from './lib/program.mjs';
import { writes } from './lib/sandbox.mjs';
import { clientsPatience, closing, passesCancelling, patience, remote, withEveryClient } from './lib/session.mjs';

const deletion = { server_id: 12346, name: 'db-server-01' };
const deleted = 'DELETE /api/v1/servers/12346/';

/** Begins a delete, which waits for a person, and answers its request's id. */
async function pending(session) {
    const { structuredContent } = await session.call('delete_server', deletion);
    assert.equal(structuredContent.state, 'pending');
    return structuredContent.request_id;
}

/** Holds a request to be as it was, and to be carried out once its person says yes. */
async function assertStillAnswered(session, request_id) {
    const found = await session.call('get_request', { request_id });
    assert.equal(found.structuredContent.state, 'pending');
    assert.equal(await pending(session), request_id, 'asked again, it is another request');
    assert.deepEqual(await writes(session.api), []);
    const person = await signIn(await session.signIn());
    await person.vote(request_id, 'approve', deletion.name);
    const { structuredContent } = await session.call('get_request', { request_id, wait_seconds: 50 });
    assert.equal(structuredContent.outcome, 'succeeded');
    assert.deepEqual(await writes(session.api), [deleted]);
}

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
    assert.ok(await session.lasted('reboot_server') < patience, 'the program still waits for the dialog');
    assert.deepEqual(await writes(session.api), []);
});

withEveryClient('a wait that is cancelled ends in the program, too, and the request stands', async connect => {
    const session = await connect();
    const request_id = await pending(session);
    const { answer, leave } = await session.wait(request_id);
    leave();
    await assert.rejects(answer);
    assert.ok(await session.lasted('get_request') < patience, 'the program still waits');
    const { structuredContent } = await session.call('get_request', { request_id });
    assert.equal(structuredContent.state, 'pending');
}, passesCancelling);

withEveryClient('a wait that is cancelled with the next message ends in the program, too', async connect => {
    const session = await connect();
    const request_id = await pending(session);
    const leave = new AbortController();
    const send = session.transport.send.bind(session.transport);
    const held = [];
    session.transport.send = async message => {
        held.push(message);
        if (message.method === 'tools/call') {
            leave.abort(); // and the call goes with what that has the client send
            return;
        }
        await Promise.all(held.splice(0).map(message => send(message)));
    };
    await assert.rejects(session.call('get_request', { request_id, wait_seconds: 50 }, { signal: leave.signal }));
    session.transport.send = send;
    assert.deepEqual(held, []);
    const { structuredContent } = await session.call('get_request', { request_id });
    assert.equal(structuredContent.state, 'pending');
    // The end of the input ends no call: a program that waits is one that the
    // client has to kill.
    assert.ok(await closing(session) < clientsPatience, 'the program waits');
}, ['stdio']);

withEveryClient('a request outlives the connection that was cut while it waited: the client goes on over another', async connect => {
    const session = await connect();
    const request_id = await pending(session);
    await session.wait(request_id);
    session.wire.cut();
    assert.ok(await session.lasted('get_request') < patience, 'the program still waits');
    await assertStillAnswered(session, request_id);
}, remote);

withEveryClient('a request outlives the client that waited for it: another takes it up', async (connect, kind) => {
    const session = await connect();
    const request_id = await pending(session);
    await session.wait(request_id);
    await session.close();
    assert.ok(await session.lasted('get_request') < patience, 'the program still waits');
    const again = kind.make();
    await kind.connect(again, new kind.HTTP(session.program.mcp));
    const { structuredContent } = await kind.call(again, { name: 'get_request', arguments: { request_id } });
    assert.equal(structuredContent.state, 'pending');
    await again.close();
    assert.deepEqual(await writes(session.api), []);
}, ['HTTP']);

withEveryClient('a request outlives the process that was killed while it waited: the next one has it', async (connect, kind, t) => {
    const shared = await ledgerAndAPI(t);
    const session = await connect(null, shared);
    const request_id = await pending(session);
    const { answer } = await session.wait(request_id);
    process.kill(session.transport.pid, 'SIGKILL');
    await assert.rejects(answer);
    await assertStillAnswered(await connect(null, shared), request_id);
}, ['stdio']);
