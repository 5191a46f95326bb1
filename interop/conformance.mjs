// The protocol's own conformance suite, which decides what conforming means:
// every scenario that a revision requires, against the program's HTTP layer
// with the suite's fixtures behind it, and against the program as it is.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Output } from './lib/output.mjs';
import { command, environment } from './lib/program.mjs';

const suite = join(dirname(fileURLToPath(import.meta.url)), 'node_modules/@modelcontextprotocol/conformance');
const revisions = ['2026-07-28', '2025-11-25'];

// How often in a row it must all hold.
const runs = Number(process.env.RUNS || 1);
assert.ok(runs >= 1, `RUNS is ${process.env.RUNS}`);

// What the program cannot be asked for: the suite's fixtures, by their names and
// addresses, and logging, which is deprecated.
const wantsFixtures = new Set([
    'elicitation-sep1034-defaults',
    'elicitation-sep1330-enums',
    'input-required-result-basic-elicitation',
    'input-required-result-basic-list-roots',
    'input-required-result-basic-sampling',
    'input-required-result-capability-check',
    'input-required-result-multi-round',
    'input-required-result-multiple-input-requests',
    'input-required-result-non-tool-request',
    'input-required-result-request-state',
    'input-required-result-result-type',
    'input-required-result-tampered-state',
    'logging-set-level',
    'prompts-get-embedded-resource',
    'prompts-get-simple',
    'prompts-get-with-args',
    'prompts-get-with-image',
    'resources-read-binary',
    'resources-read-text',
    'resources-subscribe',
    'resources-templates-read',
    'resources-unsubscribe',
    'tools-call-audio',
    'tools-call-elicitation',
    'tools-call-embedded-resource',
    'tools-call-error',
    'tools-call-image',
    'tools-call-mixed-content',
    'tools-call-sampling',
    'tools-call-simple-text',
    'tools-call-with-logging',
    'tools-call-with-progress',
]);

/** The server scenarios that count for a revision. */
async function required(revision) {
    const lists = await readFile(join(suite, 'requirements', `${revision}.yaml`), 'utf8');
    const [, server] = lists.match(/^server:\n([^]*?)^\S/m);
    return [...server.matchAll(/^ {2}- (\S+)$/gm)].map(([, name]) => name);
}

/** Starts a program that prints its address in a line beginning mcp:. */
async function start(t, program, args, env) {
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
    const exited = once(child, 'exit');
    t.after(() => {
        child.kill('SIGKILL');
        return exited;
    });
    const [, address] = await new Output(child.stdout).match(/^mcp: +(http:\S+)$/m);
    return address;
}

/** Runs the suite. Answers its exit code, and the checks of each scenario that ran. */
async function run(address, revision) {
    const results = await mkdtemp(join(tmpdir(), 'conformance-'));
    const args = [join(suite, 'dist/index.js'), 'server', '--url', address, '--requirements', revision, '-o', results];
    const [code] = await once(spawn(process.execPath, args, { stdio: 'ignore' }), 'exit');
    const scenarios = new Map();
    for (const folder of await readdir(results)) {
        const [, name] = folder.match(/^server-(.+)-\d{4}-\d{2}-\d{2}T/);
        scenarios.set(name, JSON.parse(await readFile(join(results, folder, 'checks.json'), 'utf8')));
    }
    return { code, scenarios };
}

const failed = checks => checks.filter(check => check.status === 'FAILURE');
const words = checks => checks.map(({ id, errorMessage }) => `${id}: ${errorMessage}`).join('\n');

for (const revision of Array.from({ length: runs }, () => revisions).flat()) {
    describe(`conformance to ${revision}`, () => {
        test('of the HTTP layer, with fixtures: every check that counts', async t => {
            const address = await start(t, process.env.VPSOPS_FIXTURES, [], { PATH: process.env.PATH });
            const { code, scenarios } = await run(address, revision);
            for (const name of await required(revision)) {
                const checks = scenarios.get(name);
                assert.ok(checks?.some(check => check.status === 'SUCCESS'), `${name} did not run`);
                assert.deepEqual(failed(checks), [], `${name}\n${words(failed(checks))}`);
            }
            assert.equal(code, 0, 'the suite itself says otherwise');
        });

        test('of the program: everything that takes no fixtures', async t => {
            const { scenarios } = await run(await start(t, command, ['serve', '--sandbox'], await environment()), revision);
            const names = await required(revision);
            for (const name of names.filter(name => !wantsFixtures.has(name))) {
                // server-stateless has checks that want fixtures, and says so.
                const faults = failed(scenarios.get(name)).filter(check => !check.details?.untestable);
                assert.deepEqual(faults, [], `${name}\n${words(faults)}`);
            }
            const stale = names.filter(name => wantsFixtures.has(name) && failed(scenarios.get(name)).length === 0);
            assert.deepEqual(stale, [], 'these pass without fixtures by now');
        });
    });
}
