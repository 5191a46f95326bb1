import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { accepting, declining } from './lib/dialog.mjs';
import { clients } from './lib/clients.mjs';
import { environment, serve } from './lib/program.mjs';
import { writes } from './lib/sandbox.mjs';

const proxy = fileURLToPath(new URL('dist/proxy.js', new URL('.', import.meta.resolve('mcp-remote/package.json'))));

/** Clients that start servers and know no HTTP come through mcp-remote. */
async function throughProxy(t, kind, dialog) {
    const program = await serve(t);
    const client = kind.make(dialog);
    t.after(() => client.close());
    const args = [proxy, program.mcp.href, '--transport', 'http-only'];
    await kind.connect(client, new kind.Stdio({ command: process.execPath, args, env: await environment(), stderr: 'ignore' }));
    return { api: program.api, client, call: (name, args) => kind.call(client, { name, arguments: args }) };
}

// The proxy speaks the older era alone.
const kinds = clients.filter(kind => kind.revision === '2025-11-25');

describe('mcp-remote passes a client on', { concurrency: kinds.length }, () => {
    for (const kind of kinds) {
        test(`${kind.title}: reads, asks in a dialog and sends once`, async t => {
            const session = await throughProxy(t, kind, accepting());
            const { tools } = await session.client.listTools();
            assert.equal(tools.length, 11);
            const { structuredContent } = await session.call('get_server', { server: 'web-server-01' });
            assert.equal(structuredContent.id, 12345);
            const answer = await session.call('reboot_server', { server: 12345 });
            assert.ok(['accepted', 'succeeded'].includes(answer.structuredContent.outcome), answer.structuredContent.message);
            assert.deepEqual(await writes(session.api), ['POST /api/v1/servers/12345/reboot/']);
        });

        test(`${kind.title}: a declined dialog sends nothing`, async t => {
            const session = await throughProxy(t, kind, declining());
            const answer = await session.call('reboot_server', { server: 12345 });
            assert.equal(answer.structuredContent.outcome, 'denied');
            assert.deepEqual(await writes(session.api), []);
        });
    }
});
