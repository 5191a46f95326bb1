// Holds the snapshots of cards against Slack's own types. Shape only: lengths are
// the validator's.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { conclude, refused } from './tsc.mjs';

const folder = fileURLToPath(new URL('../../slackbot/card/testdata', import.meta.url));
const imports = "import type { HomeView, KnownBlock, ModalView } from '@slack/types';";

// A view's blocks are of any type for Slack's own; here they must be known.
const types = {
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

const snapshots = {};
const counts = {};
for (const name of readdirSync(folder).filter(name => name.endsWith('.json'))) {
    const text = readFileSync(join(folder, name), 'utf8').trim();
    const kind = kindOf(JSON.parse(text));
    if (!types[kind]) {
        throw new Error(`${name} is of type ${kind}, which is neither a view nor a message`);
    }
    counts[kind] = (counts[kind] ?? 0) + 1;
    snapshots[basename(name, '.json')] = { text, type: types[kind] };
}

// That the check can fail: a section with a misspelt field.
const wrong = { text: '[{ "type": "section", "txt": { "type": "mrkdwn", "text": "x" } }]', type: types.blocks };
if (!refused(imports, { wrong }).includes('txt') || Object.keys(snapshots).length === 0) {
    throw new Error('a section with a field txt passes, or there are no snapshots: the check is worth nothing');
}

const told = Object.entries(counts).map(([kind, n]) => `${n} of kind ${kind}`).join(', ');
conclude(`snapshots of cards (${told})`, refused(imports, snapshots));
