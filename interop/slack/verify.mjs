// An app that only does what bolt does with every request over HTTP: is it
// Slack's? 200 where verifySlackRequest says so, else 401 and why.
import { createServer } from 'node:http';

import { verifySlackRequest } from '@slack/bolt';

import { listening } from './lib.mjs';

const signingSecret = process.env.SLACK_SIGNING_SECRET;

async function bodyOf(request) {
    const parts = [];
    for await (const part of request) {
        parts.push(part);
    }
    return Buffer.concat(parts).toString();
}

const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    try {
        // A header that isn't there is undefined, as bolt's receiver hands it on.
        verifySlackRequest({ signingSecret, body, headers: request.headers });
        response.end();
    } catch (error) {
        response.writeHead(401).end(error.message);
    }
});

listening(server);
