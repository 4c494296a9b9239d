import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { create, createFileRegistry, type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { goModule, goRequirements } from './sources';

const envoyModule = 'github.com/envoyproxy/go-control-plane/envoy';
/** The modules with what Envoy's .proto files import, and where in them it is. */
const importedModules: Readonly<Record<string, string>> = {
  'cel.dev/expr': '.',
  'github.com/cncf/xds/go': '.',
  'github.com/envoyproxy/protoc-gen-validate': 'validate',
  'github.com/prometheus/client_model': '.',
  'go.opentelemetry.io/proto/otlp': '.',
  'google.golang.org/genproto/googleapis/api': '.',
  'google.golang.org/genproto/googleapis/rpc': '.',
  'google.golang.org/protobuf': 'types',
};

/** The whole API of one release, as its Go module carries it: compiled descriptors inside of generated code. */
export function readApi(version: string): FileRegistry {
  const envoy = goModule(envoyModule, version);
  const required = goRequirements(envoy);
  const files = new Map<string, FileDescriptorProto>();
  const folders = Object.entries(importedModules).map(([path, part]) => {
    const wanted = required[path];
    if (wanted === undefined) {
      throw new Error(`${envoyModule} ${version} does not require ${path}`);
    }
    return join(goModule(path, wanted), part);
  });
  for (const folder of [envoy, ...folders]) {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (name.endsWith('.pb.go')) {
        const file = readDescriptor(readFileSync(join(folder, name), 'utf8'));
        if (file) {
          files.set(file.name, file);
        }
      }
    }
  }
  const ordered = new Set<FileDescriptorProto>();
  const add = (name: string): void => {
    const file = files.get(name);
    if (!file) {
      throw new Error(`no module of ${version} has ${name}`);
    }
    if (!ordered.has(file)) {
      file.dependency.forEach(add);
      ordered.add(file);
    }
  };
  // Envoy's own alone, and what they import: the other modules have more that would need still more.
  [...files.keys()].filter((name) => /^(envoy|udpa|xds)\//.test(name)).forEach(add);
  return createFileRegistry(create(FileDescriptorSetSchema, { file: [...ordered] }));
}

/** Two forms are about: a constant of string literals, and with older generators a list of bytes. */
function readDescriptor(code: string): FileDescriptorProto | undefined {
  const text = /_rawDesc = (""(?: \+\s+"(?:[^"\\\n]|\\.)*")+)/.exec(code)?.[1];
  if (text !== undefined) {
    const parts = [...text.matchAll(/"((?:[^"\\\n]|\\.)*)"/g)].map((match) => unescapeGo(match[1] ?? ''));
    return fromBinary(FileDescriptorProtoSchema, Buffer.concat(parts));
  }
  const bytes = /_rawDesc = \[\]byte\{([^}]*)\}/.exec(code)?.[1];
  return bytes === undefined
    ? undefined
    : fromBinary(FileDescriptorProtoSchema, Uint8Array.from(bytes.match(/0x[0-9a-f]{2}/g) ?? [], Number));
}

const escapes: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, '\\': 92 };

/** The bytes of a string literal of Go, of the escapes that its `%q` writes for what is no UTF-8. */
function unescapeGo(literal: string): Buffer {
  const parts = literal.split(/(\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\.)/);
  return Buffer.concat(
    parts.map((part, i) => {
      if (i % 2 === 0) {
        return Buffer.from(part);
      }
      if (part[1] === 'x') {
        return Buffer.from(part.slice(2), 'hex');
      }
      if (part[1] === 'u') {
        return Buffer.from(String.fromCharCode(Number.parseInt(part.slice(2), 16)));
      }
      const byte = escapes[part[1] ?? ''];
      if (byte === undefined) {
        throw new Error(`no escape of Go is known as ${part}`);
      }
      return Buffer.from([byte]);
    }),
  );
}
