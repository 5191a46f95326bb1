/**
 * Every request by which the simulated API was asked to change something, as
 * `METHOD path`, oldest first. Its log is the oracle for what was really sent.
 */
export async function writes(api) {
    const answer = await fetch(new URL('/_sandbox/requests', api));
    if (!answer.ok) {
        throw new Error(`the simulated API's log: ${answer.status}`);
    }
    const lines = (await answer.text()).split('\n').filter(Boolean);
    return lines
        .map(line => JSON.parse(line))
        .filter(({ method }) => method !== 'GET' && method !== 'HEAD')
        .map(({ method, path }) => `${method} ${path}`);
}

/** Changes a server behind the API's back. */
export async function changeServer(api, id, fields) {
    const answer = await fetch(new URL(`/_sandbox/servers/${id}`, api), {
        method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(fields),
    });
    if (!answer.ok) {
        throw new Error(`the simulated API's server: ${answer.status} ${await answer.text()}`);
    }
}
