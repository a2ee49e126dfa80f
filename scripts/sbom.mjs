// Writes the product's bill of materials as CycloneDX: `npm run sbom -- <file>`. It reads the lock file alone, so that
// the result is the same on every machine.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const [file = 'sbom.cdx.json'] = process.argv.slice(2);
const { name, version, dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
// There is no `--omit=dev`, because npm 11 then leaves out a dependency that a development tool needs too. npm marks
// development dependencies as such.
const OPTIONS = ['--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application'];

const sbom = JSON.parse(execFileSync('npm', ['sbom', ...OPTIONS], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }));
// Sets the package's name, because npm takes the folder's.
sbom.metadata.component.name = name;

const parts = new Set(sbom.components.map(({ purl }) => decodeURIComponent(purl)));
const missing = Object.entries(dependencies)
  .map(([dependency, pinned]) => `pkg:npm/${dependency}@${pinned}`)
  .filter((purl) => !parts.has(purl));
if (sbom.metadata.component.purl !== `pkg:npm/${name}@${version}` || missing.length > 0) {
  console.error(
    `The bill of materials is not whole: it is of ${sbom.metadata.component.purl} and lacks ${missing.join(', ') || 'nothing'}`,
  );
  process.exit(1);
}
writeFileSync(file, `${JSON.stringify(sbom, null, 2)}\n`);
console.log(`${file}: ${name} ${version} and ${parts.size} packages`);
