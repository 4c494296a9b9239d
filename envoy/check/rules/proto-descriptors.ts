import { error, getField } from '../message-reader';
import type { Rule } from '../rule';

/** Descriptors of Protocol Buffers are bytes, or a file of them. */
export const descriptorSource: Rule = (messages) =>
  (
    [
      ['envoy.extensions.filters.http.grpc_field_extraction.v3.GrpcFieldExtractionConfig', 'descriptor_set'],
      ['envoy.extensions.filters.http.proto_api_scrubber.v3.DescriptorSet', 'data_source'],
      ['envoy.extensions.filters.http.proto_message_extraction.v3.ProtoMessageExtractionConfig', 'data_source'],
    ] as const
  ).flatMap(([type, field]) =>
    messages(type)
      .map((holder) => getField(holder, field))
      .flatMap((source) => ['inline_string', 'environment_variable'].map((name) => getField(source, name)))
      .filter(({ value }) => value !== undefined && value !== null)
      .map((source) => error('descriptor-source', source, 'holds no bytes; use filename or inline_bytes')),
  );
