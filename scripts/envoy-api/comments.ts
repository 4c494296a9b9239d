import { readFileSync } from 'node:fs';
import { fromBinary } from '@bufbuild/protobuf';
import {
  type DescriptorProto,
  type EnumDescriptorProto,
  type FileDescriptorProto,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';
import { commentsFile } from './sources';

/** Comments as the .proto files have them, by the full name of a message, field, oneof, enum or value of an enum. */
export type Comments = ReadonlyMap<string, string>;

export function readComments(): Comments {
  const comments = new Map<string, string>();
  for (const file of fromBinary(FileDescriptorSetSchema, readFileSync(commentsFile())).file) {
    for (const location of file.sourceCodeInfo?.location ?? []) {
      const text = [location.leadingComments, location.trailingComments].filter(Boolean).join('\n');
      const name = text && nameAt(file, location.path);
      if (name) {
        comments.set(name, text);
      }
    }
  }
  return comments;
}

/** What stands at a place, which is a chain of field numbers of descriptor.proto and places in lists. */
function nameAt(file: FileDescriptorProto, path: readonly number[]): string | undefined {
  const [kind, index, ...rest] = path;
  if (kind === undefined || index === undefined) {
    return undefined;
  }
  if (kind === 4) {
    return inMessage(file.messageType[index], file.package, rest);
  }
  return kind === 5 ? inEnum(file.enumType[index], file.package, rest) : undefined;
}

function inMessage(message: DescriptorProto | undefined, scope: string, path: readonly number[]): string | undefined {
  const name = `${scope}.${message?.name}`;
  const [kind, index, ...rest] = path;
  if (kind === undefined || index === undefined) {
    return name;
  }
  if (kind === 3) {
    return inMessage(message?.nestedType[index], name, rest);
  }
  if (kind === 4) {
    return inEnum(message?.enumType[index], name, rest);
  }
  const member = kind === 2 ? message?.field[index] : kind === 8 ? message?.oneofDecl[index] : undefined;
  return member && rest.length === 0 ? `${name}.${member.name}` : undefined;
}

function inEnum(
  enumeration: EnumDescriptorProto | undefined,
  scope: string,
  path: readonly number[],
): string | undefined {
  const name = `${scope}.${enumeration?.name}`;
  const [kind, index, ...rest] = path;
  if (kind === undefined || index === undefined) {
    return name;
  }
  const value = kind === 2 && rest.length === 0 ? enumeration?.value[index] : undefined;
  return value && `${name}.${value.name}`;
}
