import assert from 'node:assert/strict';

import { accepting } from './lib/dialog.mjs';
import { writes } from './lib/sandbox.mjs';
import { direct, withEveryClient } from './lib/session.mjs';

const refused = [
    { tool: 'reboot_server', args: { server: 12345, force: true }, says: /force.*server.*reason/s, why: 'an unknown argument' },
    { tool: 'reboot_server', args: {}, says: /server/, why: 'a missing argument' },
    { tool: 'reboot_server', args: { server: 12345, wait_seconds: 51 }, says: /wait_seconds/, why: 'a wait past its limit' },
    { tool: 'reboot_server', args: { server: 12345.9 }, says: /12345\.9/, why: 'a fractional id' },
    { tool: 'get_server', args: { server: 12345.9 }, says: /12345\.9/, why: 'a fractional id to read' },
    { tool: 'delete_server', args: { server_id: 12345.9, name: 'web-server-01' }, says: /server_id/, why: 'a fractional id to delete' },
    { tool: 'delete_server', args: { server_id: '12345.0', name: 'web-server-01' }, says: /server_id/, why: 'a fractional id in a string' },
    { tool: 'delete_server', args: { server_id: '1e3', name: 'web-server-01' }, says: /server_id/, why: 'an exponent in a string' },
    { tool: 'delete_server', args: { server_id: [12345], name: 'web-server-01' }, says: /server_id/, why: 'a list of ids' },
];

for (const { tool, args, says, why } of refused) {
    withEveryClient(`${tool} refuses ${why}, and says what it takes`, async connect => {
        const dialog = accepting();
        const session = await connect(dialog);
        const { isError, content } = await session.call(tool, args);
        assert.equal(isError, true);
        assert.match(content[0].text, says);
        assert.equal(dialog.asked.length, 0);
        assert.deepEqual(await writes(session.api), []);
    }, direct);
}
