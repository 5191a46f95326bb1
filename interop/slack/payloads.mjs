// Holds what the fake Slack delivers against Bolt's own types. The argument is a
// folder of JSON files, each named by its kind and a number: command-1.json.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { conclude, refused } from './tsc.mjs';

const folder = process.argv[2];
const imports = `import type { BlockAction, BlockSuggestion, EnvelopedEvent, SlashCommand, ViewClosedAction, ViewOutput, ViewSubmitAction } from '@slack/bolt';
import type { AppHomeOpenedEvent, AppMentionEvent, GenericMessageEvent, SubteamMembersChangedEvent } from '@slack/types';
// What Slack sends and Bolt's types leave out: the old name of whoever acts, a
// home without a title, an action in a view without a response_url, the ids of a
// home that is opened, a message without a subtype.
type Acting<T extends { user: object }> = Omit<T, 'user'> & { user: T['user'] & { username: string } };
type AtHome<T> = Omit<T, 'view'> & { view: Omit<ViewOutput, 'title'> };`;

const types = {
    command: 'SlashCommand',
    block_actions: 'BlockAction',
    block_actions_in_view: "AtHome<Omit<BlockAction, 'response_url'>>",
    block_suggestion: 'AtHome<Acting<BlockSuggestion>>',
    view_submission: 'Acting<ViewSubmitAction>',
    view_closed: 'Acting<ViewClosedAction>',
    app_home_opened: "EnvelopedEvent<Omit<AppHomeOpenedEvent, 'view'> & { view?: Omit<ViewOutput, 'title'> }>",
    app_mention: 'EnvelopedEvent<AppMentionEvent>',
    message: "EnvelopedEvent<Omit<GenericMessageEvent, 'subtype'>>",
    subteam_members_changed: 'EnvelopedEvent<SubteamMembersChangedEvent>',
};

function kindOf(payload) {
    if (payload.command) {
        return 'command';
    }
    if (payload.event) {
        return payload.event.type;
    }
    return payload.type === 'block_actions' && payload.view ? 'block_actions_in_view' : payload.type;
}

const payloads = {};
const kinds = new Set();
for (const name of readdirSync(folder)) {
    const payload = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    const kind = kindOf(payload);
    kinds.add(kind);
    // Outside of Enterprise Grid it is null, which Bolt's types don't know.
    if (payload.enterprise === null) {
        delete payload.enterprise;
    }
    payloads[`${kind}_${basename(name, '.json')}`] = { text: JSON.stringify(payload, null, 1), type: types[kind] ?? `never /* ${kind} */` };
}
const missing = Object.keys(types).filter(kind => !kinds.has(kind));
conclude(`payloads of ${kinds.size} kinds`, missing.length ? `there is none of ${missing}\n` : refused(imports, payloads));
