import assert from 'node:assert/strict';

import { writes } from './lib/sandbox.mjs';
import { direct, withEveryClient } from './lib/session.mjs';

const toolNames = [
    'cancel_request',
    'create_server',
    'delete_server',
    'get_request',
    'get_server',
    'list_options',
    'list_servers',
    'reboot_server',
    'start_server',
    'stop_server',
    'update_server',
];

withEveryClient('agrees on the newest revision that the client knows', async (connect, { revision }) => {
    const session = await connect();
    assert.equal(session.revision, revision);
});

withEveryClient('offers every tool, and says which ones destroy', async connect => {
    const { tools } = await connect();
    assert.deepEqual(tools.map(tool => tool.name).sort(), toolNames);
    for (const tool of tools) {
        assert.ok(tool.title && tool.description && tool.outputSchema, `${tool.name} lacks a title, description or output schema`);
    }
    const destructive = tools.filter(tool => tool.annotations.destructiveHint).map(tool => tool.name);
    assert.deepEqual(destructive.sort(), ['delete_server', 'reboot_server', 'stop_server', 'update_server']);
});

withEveryClient('lists the servers, and asks nobody for it', async connect => {
    const session = await connect();
    const { structuredContent, content, isError } = await session.call('list_servers', {});
    assert.ok(!isError);
    assert.equal(structuredContent.total, 6);
    assert.deepEqual(
        structuredContent.servers.slice(0, 2).map(({ id, name }) => ({ id, name })),
        [{ id: 12345, name: 'web-server-01' }, { id: 12346, name: 'db-server-01' }],
    );
    assert.match(content[0].text, /web-server-01/);
    assert.deepEqual(await writes(session.api), []);
}, direct);

withEveryClient('shows one server, by its id as a number, as a string, or by its name', async connect => {
    const session = await connect();
    for (const server of [12345, '12345', 'web-server-01']) {
        const { structuredContent, isError } = await session.call('get_server', { server });
        assert.ok(!isError, `get_server ${server}`);
        assert.equal(structuredContent.id, 12345);
        assert.equal(structuredContent.name, 'web-server-01');
    }
}, direct);

withEveryClient('answers for an unknown server with an error that suggests the near one', async connect => {
    const session = await connect();
    const { content, isError } = await session.call('get_server', { server: 'web-server-1' });
    assert.equal(isError, true);
    assert.match(content[0].text, /web-server-01/);
}, direct);
