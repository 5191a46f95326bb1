import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { command, environment, serve, stdioArguments } from './lib/program.mjs';

const run = promisify(execFile);
const inspector = fileURLToPath(import.meta.resolve('@modelcontextprotocol/inspector/clients/launcher/build/index.js'));

describe('the inspector lists the tools and finds nothing wrong with their schemas', () => {
    const connections = {
        stdio: async () => [command, ...stdioArguments, '--transport', 'stdio'],
        HTTP: async t => [(await serve(t)).mcp.href, '--transport', 'http'],
    };
    for (const era of ['modern', 'legacy']) {
        for (const [name, connection] of Object.entries(connections)) {
            test(`${era}, over ${name}`, async t => {
                const target = await connection(t);
                const flags = ['--protocol-era', era, '--method', 'tools/list', '--format', 'json', '--strict', '-q'];
                const { stdout } = await run(process.execPath, [inspector, '--cli', ...target, ...flags], { env: await environment() });
                assert.equal(JSON.parse(stdout).result.tools.length, 11);
            });
        }
    }
});
