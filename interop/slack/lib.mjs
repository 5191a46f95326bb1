// What both apps have in common: they say when they are ready, on stdout, and end
// when their stdin does.

export function ready(what) {
    console.log(`ready: ${what}`);
    process.stdin.resume().on('end', () => process.exit(0));
}

export function listening(server) {
    server.listen(0, '127.0.0.1', () => ready(`http://127.0.0.1:${server.address().port}`));
}
