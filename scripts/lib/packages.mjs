// The packages that are published: `order` prints their names, dependencies first;
// `check` lists their files and judges their metadata and READMEs.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const cargo = (...args) =>
    execFileSync('cargo', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
const { packages } = JSON.parse(cargo('metadata', '--no-deps', '--locked', '--format-version', '1'));
const published = new Map(
    packages.filter((crate) => crate.publish === null).map((crate) => [crate.name, crate]),
);

// A development dependency with a version must be published too, to package the crate;
// one without is left out of the package.
function* inOrder(names, seen = new Set()) {
    for (const name of names) {
        if (!published.has(name) || seen.has(name)) continue;
        seen.add(name);
        const dependencies = published.get(name).dependencies.filter((one) => one.req !== '*');
        yield* inOrder(dependencies.map((one) => one.name), seen);
        yield name;
    }
}

const NEEDED = ['Cargo.toml', 'LICENSE-APACHE', 'LICENSE-MIT', 'README.md'];
const FIELDS = ['description', 'repository', 'homepage', 'documentation', 'license', 'rust_version'];
const UNPUBLISHED = packages.filter((crate) => crate.publish !== null).map((crate) => crate.name);

function* faults(crate) {
    for (const field of FIELDS) if (!crate[field]) yield `no ${field}`;
    for (const list of ['keywords', 'categories']) {
        const { length } = crate[list];
        if (length < 1 || length > 5) yield `${length} ${list}`;
    }
    if (crate.targets.some((target) => target.kind.includes('lib')) && !crate.metadata?.docs?.rs)
        yield 'no metadata for docs.rs';

    const files = cargo('package', '--list', '--allow-dirty', '--locked', '-p', crate.name);
    const listed = files.trim().split('\n');
    for (const file of NEEDED) if (!listed.includes(file)) yield `${file} is not packaged`;
    const folder = dirname(crate.manifest_path);
    for (const file of listed.filter((one) => one.endsWith('.rs'))) {
        const text = readFileSync(join(folder, file), 'utf8');
        for (const name of UNPUBLISHED)
            if (text.includes(`${name.replaceAll('-', '_')}::`)) yield `${file} needs ${name}`;
    }
    yield* unreadable(readFileSync(join(folder, 'README.md'), 'utf8'));
    console.log(`${crate.name} ${crate.version}: ${listed.length} files`);
}

// What a crate's page shows otherwise than rustdoc does.
function* unreadable(readme) {
    const prose = readme.replace(/^```[^]*?^```/gm, (block) => {
        return block.startsWith('```rust') && /^\s*#( |$)/m.test(block) ? '[hidden]' : '';
    });
    if (prose.includes('[hidden]')) yield 'README.md hides lines of an example';
    for (const [, name] of prose.matchAll(/\[(`[^`]+`)\](?![([:])/g))
        if (!prose.includes(`\n[${name}]: http`)) yield `README.md links ${name} within rustdoc only`;
    for (const [, target] of prose.matchAll(/\]\(([^)]+)\)|^\[[^\]^]+\]: (.+)$/gm))
        if (target && !/^(https:|#)/.test(target)) yield `README.md links to ${target}`;
}

const order = [...inOrder([...published.keys()].sort())];
if (process.argv[2] === 'order') {
    console.log(order.join('\n'));
} else {
    for (const name of order)
        for (const fault of faults(published.get(name))) {
            console.error(`${name}: ${fault}`);
            process.exitCode = 1;
        }
}
