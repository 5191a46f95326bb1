import assert from 'node:assert/strict';

import { withEveryClient } from './lib/session.mjs';

withEveryClient('offers resources, and each can be read', async connect => {
    const { client, call } = await connect();
    const { resources } = await client.listResources();
    const { resourceTemplates } = await client.listResourceTemplates();
    assert.deepEqual(resources.map(({ uri }) => uri).sort(), ['vps://policy', 'vps://servers']);
    assert.deepEqual(
        resourceTemplates.map(({ uriTemplate }) => uriTemplate).sort(),
        ['vps://requests/{id}', 'vps://servers/{id}'],
    );
    const asked = await call('delete_server', { server_id: 12346, name: 'db-server-01' });
    const request = `vps://requests/${asked.structuredContent.request_id}`;
    for (const uri of ['vps://policy', 'vps://servers', 'vps://servers/12346', request]) {
        const { contents } = await client.readResource({ uri });
        assert.equal(contents[0].mimeType, 'application/json');
        assert.doesNotThrow(() => JSON.parse(contents[0].text), uri);
    }
    await assert.rejects(client.readResource({ uri: 'vps://servers/1' }));
});

withEveryClient('offers prompts, and each can be had', async connect => {
    const { client } = await connect();
    const { prompts } = await client.listPrompts();
    assert.deepEqual(prompts.map(({ name }) => name).sort(), ['decommission', 'fleet-review', 'incident', 'new-server']);
    for (const { name } of prompts) {
        const { messages } = await client.getPrompt({ name, arguments: name === 'fleet-review' ? {} : { server: 'web-server-01' } });
        assert.ok(messages[0].content.text.length > 100, name);
    }
});

withEveryClient('completes the names of servers', async connect => {
    const { client } = await connect();
    const { completion } = await client.complete({ ref: { type: 'ref/prompt', name: 'incident' }, argument: { name: 'server', value: 'web-s' } });
    assert.ok(completion.values.includes('web-server-01'), completion.values);
});
