// Holds JSON against TypeScript types: each becomes a file that satisfies its
// type, and tsc says the rest.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const tsc = join(here, 'node_modules/typescript/bin/tsc');
const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--skipLibCheck'];

/**
 * What tsc finds wrong with some JSON, by name: "" where it is as it should be.
 * imports is the line that brings the types.
 */
export function refused(imports, json) {
    const made = join(here, 'node_modules/.satisfies'); // where the packages are found from
    rmSync(made, { recursive: true, force: true });
    mkdirSync(made);
    for (const [name, { text, type }] of Object.entries(json)) {
        writeFileSync(join(made, `${name}.ts`), `${imports}\nexport default ${text} satisfies ${type};\n`);
    }
    const files = Object.keys(json).map(name => `${name}.ts`);
    const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, ...options, ...files], { cwd: made, encoding: 'utf8' });
    rmSync(made, { recursive: true });
    return status === 0 ? '' : stdout + stderr;
}

/** Ends the process, saying what was looked at and what came of it. */
export function conclude(what, found) {
    process.stdout.write(found);
    console.log(`${what}: ${found ? 'refused' : 'as Slack types them'}`);
    process.exit(found ? 1 : 0);
}
