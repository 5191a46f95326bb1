import assert from 'node:assert/strict';

import { accepting } from './lib/dialog.mjs';
import { writes } from './lib/sandbox.mjs';
import { withEveryClient } from './lib/session.mjs';

withEveryClient('every tool can be called, and answers in the shape that it says', async connect => {
    const session = await connect(accepting());
    const called = new Set();
    const call = async (tool, args) => {
        called.add(tool);
        const { structuredContent, content, isError } = await session.call(tool, args);
        assert.ok(!isError, `${tool}: ${content[0].text}`);
        return structuredContent;
    };

    assert.equal((await call('list_servers', { query: 'db' })).servers[0].id, 12346);
    assert.equal((await call('get_server', { server: 'web-server-01' })).id, 12345);
    const { plans, locations, operating_systems: systems } = await call('list_options', { location: 'us-west' });
    const plan_id = plans.find(({ name }) => name === 'Starter VPS').id;
    const os_id = systems.find(({ name }) => name === 'Debian 12').id;
    assert.ok(locations.includes('us-west'), locations);

    const created = await call('create_server', { name: 'made-here', plan_id, os_id, location: 'us-west' });
    assert.equal(created.outcome, 'accepted');
    assert.equal(created.server.name, 'made-here');
    assert.equal((await call('update_server', { server: 12346, backups_enabled: false })).outcome, 'succeeded');
    for (const tool of ['stop_server', 'start_server', 'reboot_server']) {
        assert.equal((await call(tool, { server: 12346, wait_seconds: 50 })).outcome, 'succeeded', tool);
    }
    const { outcome, request_id } = await call('delete_server', { server_id: 12346, name: 'db-server-01' });
    assert.equal(outcome, 'pending');
    assert.equal((await call('get_request', { request_id })).state, 'pending');
    assert.equal((await call('cancel_request', { request_id })).state, 'cancelled');

    assert.deepEqual([...called].sort(), session.tools.map(({ name }) => name).sort());
    assert.deepEqual(await writes(session.api), [
        'POST /api/v1/servers/',
        'PATCH /api/v1/servers/12346/',
        'POST /api/v1/servers/12346/stop/',
        'POST /api/v1/servers/12346/start/',
        'POST /api/v1/servers/12346/reboot/',
    ]);
});
