import shared, { type StreamIdentifier, type UUID } from '@eventstore/db-client/generated/shared_pb.js';
import type { LogRecord, ProposedEvent } from './log.js';

const UUID_TEXT = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A UUID of either form on the wire, as lower-case text. @throws if it is none */
export function uuidText(uuid: UUID | undefined): string {
  const text = uuid?.hasStructured() ? structuredText(uuid.getStructured()!) : (uuid?.getString().toLowerCase() ?? '');
  if (!UUID_TEXT.test(text)) throw new Error(`'${text}' is not a UUID`);
  return text;
}

export function uuidIn(text: string): UUID {
  return new shared.UUID().setString(text);
}

export function streamName(identifier: StreamIdentifier | undefined): string {
  return Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');
}

export function streamIdentifier(name: string): StreamIdentifier {
  return new shared.StreamIdentifier().setStreamName(Buffer.from(name, 'utf8'));
}

interface ProposedMessage {
  getId(): UUID | undefined;
  getMetadataMap(): { get(key: string): string | undefined };
  getData_asU8(): Uint8Array;
  getCustomMetadata_asU8(): Uint8Array;
}

/** The event of a message of Append or BatchAppend, which have the same shape. @throws if a required field is missing */
export function proposedEvent(message: ProposedMessage): ProposedEvent {
  const type = message.getMetadataMap().get('type');
  const contentType = message.getMetadataMap().get('content-type');
  if (type === undefined || contentType === undefined) throw new Error('type and content-type are required');
  return {
    id: uuidText(message.getId()),
    type,
    contentType,
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

/** The size of an event towards the largest append, in bytes. */
export function sizeOf(event: ProposedEvent): number {
  return event.data.length + event.metadata.length + event.type.length * 2;
}

export function allPosition(record: LogRecord): shared.AllStreamPosition {
  const position = String(record.position);
  return new shared.AllStreamPosition().setCommitPosition(position).setPreparePosition(position);
}

function structuredText(structured: UUID.Structured): string {
  const half = (bits: string): string => BigInt.asUintN(64, BigInt(bits)).toString(16).padStart(16, '0');
  const hex = half(structured.getMostSignificantBits()) + half(structured.getLeastSignificantBits());
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
