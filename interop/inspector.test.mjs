// The inspector's CLI: each run of it is a client of its own, which says that
// it has no dialog.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { collector } from './lib/collector.mjs';
import { command, environment, ledgerAndAPI, serve } from './lib/program.mjs';
import { changeServer, writes } from './lib/sandbox.mjs';
import { patience } from './lib/session.mjs';
import { wire } from './lib/wire.mjs';

const run = promisify(execFile);
const inspector = fileURLToPath(import.meta.resolve('@modelcontextprotocol/inspector/clients/launcher/build/index.js'));

const eras = { modern: '2026-07-28', legacy: '2025-11-25' };

const ways = {
    async stdio(t) {
        const { api, settings } = await ledgerAndAPI(t);
        const env = await environment();
        // Of its own environment it hands the program little.
        const handed = Object.entries({ ...env, ...settings }).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
        return { api, target: [command, 'mcp', '--transport', 'stdio', ...handed], env };
    },
    async HTTP(t) {
        const traces = await collector(t);
        const { api, mcp } = await serve(t, { ...traces.settings, VPSOPS_ALLOWED_HOSTS: '127.0.0.1' });
        const between = await wire(t, mcp);
        return {
            api, target: [between.address.href, '--transport', 'http'], env: await environment(), wire: between, lasted: traces.lasted,
        };
    },
};

/** The command line of one method. */
const line = ({ target }, era, method, flags) =>
    [inspector, '--cli', ...target, '--protocol-era', era, '--method', method, '--format', 'json', '-q', ...flags];

const toolFlags = (tool, args) => ['--tool-name', tool, '--tool-args-json', JSON.stringify(args)];

function everyWay(behaviour, body, over = Object.keys(ways)) {
    describe(behaviour, { concurrency: true }, () => {
        for (const era of Object.keys(eras)) {
            for (const name of over) {
                test(`${era}, over ${name}`, async t => {
                    const way = await ways[name](t);
                    const inspect = async (method, ...flags) => {
                        const { stdout } = await run(process.execPath, line(way, era, method, flags), { env: way.env });
                        return JSON.parse(stdout).result;
                    };
                    const call = async (tool, args) => (await inspect('tools/call', ...toolFlags(tool, args))).structuredContent;
                    await body({ ...way, era, inspect, call });
                });
            }
        }
    });
}

const deletion = { server_id: 12346, name: 'db-server-01' };

everyWay('the inspector finds nothing wrong with the schemas of the tools; what one run of it asks, the next one follows', async ({ era, api, inspect, call }) => {
    assert.equal((await inspect('initialize')).protocolVersion, eras[era]);
    assert.equal((await inspect('tools/list', '--strict')).tools.length, 11);
    const { request_id, outcome } = await call('delete_server', deletion);
    assert.equal(outcome, 'pending');
    const { contents: [{ text }] } = await inspect('resources/read', '--uri', `vps://requests/${request_id}`);
    assert.equal(JSON.parse(text).state, 'pending');
    const { messages } = await inspect('prompts/get', '--prompt-name', 'incident', '--prompt-args', 'server=web-server-01');
    assert.match(messages[0].content.text, /web-server-01/);
    assert.equal((await call('cancel_request', { request_id })).state, 'cancelled');
    assert.deepEqual(await writes(api), []);
});

everyWay('the inspector calls every tool', async ({ api, call }) => {
    assert.equal((await call('list_servers', { query: 'db' })).servers[0].id, 12346);
    assert.equal((await call('get_server', { server: 'web-server-01' })).id, 12345);
    assert.ok((await call('list_options', { location: 'us-west' })).plans.length > 0);
    await changeServer(api, 12346, { status: 'stopped' });
    assert.equal((await call('start_server', { server: 12346, wait_seconds: 50 })).outcome, 'succeeded');
    let request_id;
    for (const [tool, args] of [
        ['create_server', { name: 'made-here', plan_id: 1, os_id: 3, location: 'us-west' }],
        ['update_server', { server: 12345, backups_enabled: false }],
        ['stop_server', { server: 12345 }],
        ['reboot_server', { server: 12346 }],
        ['delete_server', deletion],
    ]) {
        const asked = await call(tool, args);
        assert.equal(asked.outcome, 'pending', tool);
        ({ request_id } = asked);
    }
    assert.equal((await call('get_request', { request_id })).state, 'pending');
    assert.equal((await call('cancel_request', { request_id })).state, 'cancelled');
    assert.deepEqual(await writes(api), ['POST /api/v1/servers/12346/start/']);
}, ['HTTP']);

everyWay('the inspector reads every resource', async ({ inspect, call }) => {
    const { request_id } = await call('delete_server', deletion);
    const { resources } = await inspect('resources/list');
    const { resourceTemplates } = await inspect('resources/templates/list');
    const ids = { 'vps://servers/{id}': '12346', 'vps://requests/{id}': request_id };
    const addresses = [...resources.map(({ uri }) => uri), ...resourceTemplates.map(({ uriTemplate }) => uriTemplate.replace('{id}', ids[uriTemplate]))];
    assert.deepEqual([...addresses].sort(), ['vps://policy', `vps://requests/${request_id}`, 'vps://servers', 'vps://servers/12346']);
    for (const uri of addresses) {
        const { contents } = await inspect('resources/read', '--uri', uri);
        assert.doesNotThrow(() => JSON.parse(contents[0].text), uri);
    }
}, ['HTTP']);

everyWay('the inspector gets every prompt', async ({ inspect }) => {
    const { prompts } = await inspect('prompts/list');
    assert.deepEqual(prompts.map(({ name }) => name).sort(), ['decommission', 'fleet-review', 'incident', 'new-server']);
    for (const { name } of prompts) {
        const args = name === 'fleet-review' ? [] : ['--prompt-args', 'server=web-server-01'];
        const { messages } = await inspect('prompts/get', '--prompt-name', name, ...args);
        assert.ok(messages[0].content.text.length > 100, name);
    }
}, ['HTTP']);

everyWay('an inspector that is killed while it waits lets go of the wait, and the next one finds the request', async way => {
    const { request_id } = await way.call('delete_server', deletion);
    // The program tells of the wait, whether or not it is listened to.
    const flags = [...toolFlags('get_request', { request_id, wait_seconds: 50 }), '--tool-metadata', 'progressToken=waits'];
    const waiting = spawn(process.execPath, line(way, way.era, 'tools/call', flags), { env: way.env, stdio: 'ignore' });
    await way.wire.hear(/notifications\/progress/);
    waiting.kill('SIGKILL');
    await once(waiting, 'exit');
    assert.ok(await way.lasted('get_request') < patience, 'the program still waits');
    assert.equal((await way.call('get_request', { request_id })).state, 'pending');
}, ['HTTP']);
