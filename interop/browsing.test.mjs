import assert from 'node:assert/strict';

import { writes } from './lib/sandbox.mjs';
import { withEveryClient } from './lib/session.mjs';

/** What a resource holds, decoded. */
async function read(client, uri) {
    const { contents } = await client.readResource({ uri });
    assert.equal(contents.length, 1);
    assert.equal(contents[0].mimeType, 'application/json');
    return JSON.parse(contents[0].text);
}

withEveryClient('offers its resources and reads every one', async connect => {
    const { client, call, api } = await connect();
    const { resources } = await client.listResources();
    assert.deepEqual(resources.map(({ uri }) => uri).sort(), ['vps://policy', 'vps://servers']);
    const { resourceTemplates } = await client.listResourceTemplates();
    assert.deepEqual(resourceTemplates.map(({ uriTemplate }) => uriTemplate).sort(), ['vps://requests/{id}', 'vps://servers/{id}']);

    assert.ok((await read(client, 'vps://policy')).person);
    assert.equal((await read(client, 'vps://servers')).total, 6);
    assert.equal((await read(client, 'vps://servers/12345')).name, 'web-server-01');
    const { structuredContent: asked } = await call('delete_server', { server_id: 12345, name: 'web-server-01', reason: 'a test' });
    assert.equal((await read(client, `vps://requests/${asked.request_id}`)).state, 'pending');
    assert.deepEqual(await writes(api), []);
});

withEveryClient('answers for a server that is not there with an error that says how to go on', async connect => {
    const { client } = await connect();
    await assert.rejects(client.readResource({ uri: 'vps://servers/999999' }), /list_servers/);
});

withEveryClient('offers prompts, and fills in what they are given', async connect => {
    const { client } = await connect();
    const { prompts } = await client.listPrompts();
    assert.deepEqual(prompts.map(({ name }) => name).sort(), ['decommission', 'fleet-review', 'incident', 'new-server']);
    const { messages } = await client.getPrompt({ name: 'incident', arguments: { server: 'web-server-01' } });
    assert.equal(messages.length, 1);
    assert.match(messages[0].content.text, /"web-server-01"/);
});

withEveryClient('completes servers, locations, plans and statuses', async connect => {
    const { client } = await connect();
    const values = async (ref, name, value) => {
        const { completion } = await client.complete({ ref, argument: { name, value } });
        return completion.values;
    };
    const prompt = name => ({ type: 'ref/prompt', name });
    assert.deepEqual(await values(prompt('incident'), 'server', 'web-server'), ['web-server-01']);
    assert.deepEqual(await values({ type: 'ref/resource', uri: 'vps://servers/{id}' }, 'id', 'web-server'), ['12345']);
    assert.deepEqual(await values(prompt('fleet-review'), 'status', 'sus'), ['suspended']);
    assert.ok((await values(prompt('new-server'), 'location', 'us-')).includes('us-east'));
    assert.ok((await values(prompt('new-server'), 'plan', '')).length > 0);
});
