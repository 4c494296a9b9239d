import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const FOLDER = resolve(__dirname, '../examples');

/** The names of the apps in `examples/`. */
export const exampleNames: readonly string[] = readdirSync(FOLDER);

export const exampleFile = (name: string) => join(FOLDER, name, 'main.ts');

/** A container of an example: its labels and published ports. */
export interface ExampleContainer {
  readonly role: string;
  readonly name: string;
  readonly ports: readonly unknown[];
}

/** An Envoy of an example: its files by path, and the mounted folders of the Docker host by container path. */
export interface ExampleSidecar {
  readonly files: Readonly<Record<string, string>>;
  readonly folders: Readonly<Record<string, string>>;
}

/** A synthesized example. A test file can synthesize each only once, because Node.js caches modules. */
export interface SynthesizedExample {
  readonly containers: readonly ExampleContainer[];
  /** The synthesis warnings. */
  readonly warnings: readonly string[];
  /** The sidecars by name. */
  readonly sidecars: Readonly<Record<string, ExampleSidecar>>;
}

export function synthesizeExample(name: string): SynthesizedExample {
  const folder = mkdtempSync(join(tmpdir(), 'example-'));
  try {
    process.env.CDKTF_OUTDIR = folder;
    require(exampleFile(name));
    const json = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
    const { annotations } = json('manifest.json').stacks[name] as { readonly annotations: readonly Annotation[] };
    const warnings = annotations.map(({ message }) => message);
    return { warnings, ...read(json(join('stacks', name, 'cdk.tf.json')).resource) };
  } finally {
    rmSync(folder, { recursive: true });
    delete process.env.CDKTF_OUTDIR;
  }
}

interface Annotation {
  readonly message: string;
}

interface Resources {
  readonly docker_container: Readonly<Record<string, { readonly labels: Labels; readonly ports?: readonly unknown[] }>>;
  readonly terraform_data: Readonly<Record<string, { readonly triggers_replace: Settings }>>;
}

type Labels = readonly { readonly label: string; readonly value: string }[];

/** The settings of a revision. */
interface Settings {
  readonly files?: Readonly<Record<string, string>>;
  readonly labels?: Labels;
  readonly volumes?: readonly { readonly hostPath: string; readonly containerPath: string }[];
}

function read({ docker_container, terraform_data }: Resources): Omit<SynthesizedExample, 'warnings'> {
  const said = (labels: Labels, name: string) =>
    labels.find(({ label }) => label === `cdktf-envoy-sidecar.${name}`)?.value ?? '';
  return {
    containers: Object.values(docker_container).map(({ labels, ports = [] }) => ({
      role: said(labels, 'role'),
      name: said(labels, 'name'),
      ports,
    })),
    sidecars: Object.fromEntries(
      Object.values(terraform_data).flatMap(({ triggers_replace: { files = {}, labels = [], volumes = [] } }) => {
        const folders = Object.fromEntries(volumes.map(({ hostPath, containerPath }) => [containerPath, hostPath]));
        return said(labels, 'role') === 'sidecar' ? [[said(labels, 'name'), { files: unescaped(files), folders }]] : [];
      }),
    ),
  };
}

/** Unescapes texts as Terraform does. Throws for a reference, which only Terraform can resolve. */
function unescaped(files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([path, written]) => {
      // `${""}` splits long texts and is empty.
      const text = written.replaceAll('${""}', '');
      if (/(^|[^$%])[$%]\{/.test(text)) {
        throw new Error(`${path} has a reference`);
      }
      return [path, text.replace(/([$%])\1\{/g, '$1{')];
    }),
  );
}
