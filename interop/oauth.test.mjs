// Access tokens from a 401 to a changed server, with the clients' own ways of
// getting them and an authorization server that others wrote.
import assert from 'node:assert/strict';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { clients } from './lib/clients.mjs';
import { serve } from './lib/program.mjs';
import { audience, authorizationServer, browse, elsewhere, subject } from './lib/provider.mjs';
import { writes } from './lib/sandbox.mjs';

const callback = 'http://127.0.0.1/callback';

/** What a client keeps of its authorization: its person agrees to everything. */
class Memory {
    asked = []; // the addresses that its person was sent to

    constructor(scope) {
        this.scope = scope;
    }

    get redirectUrl() {
        return callback;
    }

    get clientMetadata() {
        return {
            client_name: 'vpsops-interop', redirect_uris: [callback], grant_types: ['authorization_code'],
            response_types: ['code'], token_endpoint_auth_method: 'none', application_type: 'native', scope: this.scope,
        };
    }

    clientInformation = () => this.client;
    saveClientInformation = client => { this.client = client; };
    tokens = () => this.saved;
    saveTokens = tokens => { this.saved = tokens; };
    codeVerifier = () => this.verifier;
    saveCodeVerifier = verifier => { this.verifier = verifier; };
    redirectToAuthorization = address => { this.asked.push(address); };
    discoveryState = () => this.discovered;
    saveDiscoveryState = state => { this.discovered = state; };

    get scopes() {
        return this.asked.map(address => address.searchParams.get('scope').split(' ').filter(scope => scope.startsWith('vps:')).sort().join(' '));
    }
}

/** A program that takes the server's access tokens, and knows its one account as ana. */
async function protectedProgram(t) {
    const server = await authorizationServer(t);
    const policy = join(await mkdtemp(join(tmpdir(), 'policy-')), 'policy.yaml');
    await writeFile(policy, `
version: 1
people:
  ana: {local: [ana], oidc: ["${server.issuer}|${subject}"]}
grants: [{id: all, who: ana, actions: [list, get, reboot, delete]}]
guards: [{id: yes, actions: [reboot, delete], require: {confirm: asker}}]
`);
    const program = await serve(t, {
        VPSOPS_POLICY: policy, VPSOPS_OAUTH_ISSUER: server.issuer, VPSOPS_OAUTH_AUDIENCE: audience,
    });
    return { ...server, ...program };
}

/** Connects a client, and has its person agree whenever the server asks. */
async function connect(t, kind, program, memory) {
    let transport = new kind.HTTP(program.mcp, { authProvider: memory });
    const client = kind.make(null);
    t.after(() => client.close());
    await assert.rejects(kind.connect(client, transport), /[Uu]nauthorized/);
    await finish(transport, memory);
    const known = kind.make(null);
    t.after(() => known.close());
    transport = new kind.HTTP(program.mcp, { authProvider: memory });
    await kind.connect(known, transport);
    return { client: known, transport, call: (name, args) => kind.call(known, { name, arguments: args }) };
}

async function finish(transport, memory) {
    const answer = await browse(memory.asked.at(-1), callback);
    await transport.finishAuth(answer.get('code'), answer.get('iss') ?? undefined);
}

/** Asks for a list of tools with a token, and no client's help. */
function list(program, token) {
    return fetch(program.mcp, {
        method: 'POST',
        headers: {
            'content-type': 'application/json', accept: 'application/json, text/event-stream',
            'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list', ...token && { authorization: `Bearer ${token}` },
        },
        body: JSON.stringify({
            jsonrpc: '2.0', id: 1, method: 'tools/list', params: {
                _meta: {
                    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
                    'io.modelcontextprotocol/clientInfo': { name: 'vpsops-interop', version: '1.0.0' },
                    'io.modelcontextprotocol/clientCapabilities': {},
                },
            },
        }),
    });
}

const together = { concurrency: clients.length };

describe('a client finds the authorization server by itself, and asks for what its token lets it', together, () => {
    for (const kind of clients) {
        test(kind.title, async t => {
            const program = await protectedProgram(t);
            const memory = new Memory('vps:read vps:write');
            const session = await connect(t, kind, program, memory);
            assert.equal(memory.asked.length, 1);
            assert.equal(memory.asked[0].origin, program.issuer);
            assert.equal(memory.asked[0].searchParams.get('resource'), program.mcp.href);
            assert.equal(memory.asked[0].searchParams.get('code_challenge_method'), 'S256');
            const { structuredContent } = await session.call('delete_server', { server_id: 12345, name: 'web-server-01' });
            assert.equal(structuredContent.outcome, 'pending'); // a token is no yes
            assert.deepEqual(await writes(program.api), []);
        });
    }
});

describe('a client whose token may only read gets one that may write when it needs it', together, () => {
    for (const kind of clients) {
        test(kind.title, async t => {
            const program = await protectedProgram(t);
            const memory = new Memory('vps:read');
            const session = await connect(t, kind, program, narrowed(memory));
            const { tools } = await session.client.listTools();
            assert.ok(!tools.some(tool => tool.name === 'delete_server'), 'a token that may only read is offered a delete');
            await assert.rejects(session.call('reboot_server', { server: 12345 }));
            assert.equal(memory.scopes.at(-1), 'vps:read vps:write');
            await finish(session.transport, memory);
            const { structuredContent } = await session.call('reboot_server', { server: 12345 });
            assert.equal(structuredContent.outcome, 'pending');
        });
    }
});

/** A person who first agrees to reading alone, whatever is asked for. */
function narrowed(memory) {
    const redirect = memory.redirectToAuthorization;
    memory.redirectToAuthorization = address => {
        if (memory.asked.length === 0) {
            address.searchParams.set('scope', 'vps:read');
        }
        redirect(address);
    };
    return memory;
}

test('a token is taken by what it says, and refused with what is wrong', async t => {
    const program = await protectedProgram(t);
    const kind = clients[0];
    const memory = new Memory('vps:read vps:write');
    await connect(t, kind, program, memory);
    const token = memory.saved.access_token;
    assert.equal((await list(program, token)).status, 200);

    const refused = async (name, token, status = 401) => {
        const response = await list(program, token);
        assert.equal(response.status, status, name);
        const challenge = response.headers.get('www-authenticate');
        assert.match(challenge, /resource_metadata="http:\/\/127\.0\.0\.1:\d+\/\.well-known\/oauth-protected-resource\/mcp"/, name);
        return challenge;
    };
    assert.doesNotMatch(await refused('none', ''), /error=/);
    const [header, payload, signature] = token.split('.');
    assert.match(await refused('changed', [header, payload, signature.slice(0, -4) + 'AAAA'].join('.')), /error="invalid_token"/);
    const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
    assert.match(await refused('unsigned', `${none}.${payload}.`), /error="invalid_token"/);

    assert.match(await refused('made for another service', await tokenFor(program, memory, elsewhere)), /another service/);

    const now = Math.floor(Date.now() / 1000);
    assert.equal((await list(program, program.resign(token, { exp: now + 60 }))).status, 200);
    assert.match(await refused('expired', program.resign(token, { exp: now - 60 })), /error="invalid_token"/);

    // Keys that came since are found; a token by one that has gone is not taken.
    await program.rotate();
    const fresh = new Memory('vps:read vps:write');
    await connect(t, kind, program, fresh);
    assert.equal((await list(program, fresh.saved.access_token)).status, 200);
    assert.match(await refused('of a key that has gone', token), /error="invalid_token"/);
});

/** A token of the same client and person for another resource. */
async function tokenFor(program, memory, resource) {
    const { createHash, randomBytes } = await import('node:crypto');
    const verifier = randomBytes(32).toString('base64url');
    const address = new URL(memory.asked[0]);
    address.searchParams.set('resource', resource);
    address.searchParams.set('code_challenge', createHash('sha256').update(verifier).digest('base64url'));
    const answer = await browse(address, callback);
    const response = await fetch(new URL('/token', program.issuer), {
        method: 'POST',
        body: new URLSearchParams({
            grant_type: 'authorization_code', code: answer.get('code'), redirect_uri: callback,
            client_id: memory.client.client_id, code_verifier: verifier, resource,
        }),
    });
    const body = await response.json();
    assert.ok(body.access_token, JSON.stringify(body));
    return body.access_token;
}
