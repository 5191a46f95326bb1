import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { clients } from './lib/clients.mjs';
import { environment } from './lib/program.mjs';

const run = promisify(execFile);
const mcpb = fileURLToPath(new URL('node_modules/@anthropic-ai/mcpb/dist/cli/cli.js', import.meta.url));
const platform = { linux: 'linux', darwin: 'darwin', win32: 'windows' }[process.platform];

/** What the host puts in the place of the manifest's variables. */
function filled(text, folder) {
    const values = { __dirname: folder, 'user_config.api_token': 'vps_dummy', 'user_config.read_only': 'false' };
    return text.replace(/\$\{([^}]+)\}/g, (_, name) => {
        assert.ok(name in values, `the manifest names ${name}`);
        return values[name];
    });
}

test('the bundle is valid by its own validator, and what it starts offers the tools that it lists', async t => {
    const folder = await mkdtemp(join(tmpdir(), 'bundle-'));
    const bundle = join(folder, 'vpsops.mcpb');
    await run('go', ['run', './internal/mcpb', '-binary', process.env.VPSOPS_PROGRAM, '-os', platform, '-version', '1.2.3', '-o', bundle], {
        cwd: fileURLToPath(new URL('..', import.meta.url)),
    });
    const unpacked = join(folder, 'unpacked');
    await run(process.execPath, [mcpb, 'unpack', bundle, unpacked]);
    await run(process.execPath, [mcpb, 'validate', join(unpacked, 'manifest.json')]);

    const manifest = JSON.parse(await readFile(join(unpacked, 'manifest.json'), 'utf8'));
    assert.equal(manifest.version, '1.2.3');
    const { command, args, env } = manifest.server.mcp_config;
    const [kind] = clients;
    const client = kind.make();
    t.after(() => client.close());
    const set = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, filled(value, unpacked)]));
    await kind.connect(client, new kind.Stdio({
        command: filled(command, unpacked), args, env: { ...(await environment()), ...set }, stderr: 'ignore',
    }));
    const { tools } = await client.listTools();
    assert.deepEqual(tools.map(({ name }) => name).sort(), manifest.tools.map(({ name }) => name).sort());
});
