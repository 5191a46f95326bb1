import assert from 'node:assert/strict';

import { withEveryClient } from './lib/session.mjs';

withEveryClient('whoever subscribes to a request is told when it ends', async (connect, kind) => {
    const session = await connect();
    const { structuredContent: { request_id } } = await session.call('delete_server', { server_id: 12346, name: 'db-server-01' });
    const uri = `vps://requests/${request_id}`;
    const told = Promise.withResolvers();
    await kind.subscribe(session.client, uri, told.resolve);
    // A proxy between the eras says that it has subscribed before it has.
    await session.bridged?.(uri);
    await session.call('cancel_request', { request_id });
    assert.equal(await told.promise, uri);
    const { contents } = await session.client.readResource({ uri });
    assert.equal(JSON.parse(contents[0].text).state, 'cancelled');
});
