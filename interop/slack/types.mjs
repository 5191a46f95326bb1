// Holds the snapshots of cards against Slack's own types: each file of a folder
// becomes a TypeScript file that satisfies what it is, and tsc says the rest.
// Shape only: lengths are the validator's.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const folder = join(here, '../../slackbot/card/testdata');
const made = join(here, 'node_modules/.snapshots'); // where @slack/types is found from

// A view's blocks are of any type for Slack's own; here they must be known.
const satisfies = {
    modal: 'ModalView & { blocks: KnownBlock[] }',
    home: 'HomeView & { blocks: KnownBlock[] }',
    message: '{ text: string; blocks: KnownBlock[] }',
    blocks: 'KnownBlock[]',
};

function kindOf(snapshot) {
    if (Array.isArray(snapshot)) {
        return 'blocks';
    }
    return snapshot.type ?? 'message';
}

function source(json, what) {
    return `import type { HomeView, KnownBlock, ModalView } from '@slack/types';\nexport default ${json} satisfies ${what};\n`;
}

/** Writes the files, and returns how many of each kind there are. */
function generate() {
    rmSync(made, { recursive: true, force: true });
    mkdirSync(made);
    const counts = {};
    for (const name of readdirSync(folder).filter(name => name.endsWith('.json'))) {
        const json = readFileSync(join(folder, name), 'utf8');
        const kind = kindOf(JSON.parse(json));
        if (!satisfies[kind]) {
            throw new Error(`${name} is of type ${kind}, which is neither a view nor a message`);
        }
        counts[kind] = (counts[kind] ?? 0) + 1;
        writeFileSync(join(made, `${basename(name, '.json')}.ts`), source(json.trim(), satisfies[kind]));
    }
    return counts;
}

/** Says what tsc finds in the files. */
function compile(files) {
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--skipLibCheck'];
    const tsc = join(here, 'node_modules/typescript/bin/tsc');
    return spawnSync(process.execPath, [tsc, ...options, ...files], { cwd: made, encoding: 'utf8' });
}

// That the check can fail: a card with a misspelt field, which tsc must refuse.
function provesItself() {
    writeFileSync(join(made, 'wrong.ts'), source('[{ "type": "section", "txt": { "type": "mrkdwn", "text": "x" } }]', 'KnownBlock[]'));
    const { status, stdout } = compile(['wrong.ts']);
    rmSync(join(made, 'wrong.ts'));
    return status !== 0 && stdout.includes('txt');
}

const counts = generate();
if (!provesItself()) {
    console.error('types: tsc takes a section with a field txt: the check is worth nothing');
    process.exit(1);
}
const files = readdirSync(made);
const { status, stdout, stderr } = compile(files);
process.stdout.write(stdout);
process.stderr.write(stderr);
const told = Object.entries(counts).map(([kind, n]) => `${n} of kind ${kind}`).join(', ');
console.log(`types: ${files.length} snapshots (${told}): ${status === 0 ? 'as Slack types them' : 'refused'}`);
process.exit(status === 0 && files.length > 0 ? 0 : 1);
