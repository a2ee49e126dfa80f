import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../../../shared/database/database.js';
import { FileScanner } from '../../../shared/file-storage/file-scanner.js';
import { type Draft, FileStorage } from '../../../shared/file-storage/file-storage.js';
import { FIELD_MESSAGES } from '../../../shared/http/field-messages.js';
import type { ArrivingFile, FormFields, Upload } from '../../../shared/http/uploads/upload.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { ProjectionRunner } from '../../../shared/projections/projection-runner.js';
import { beginWork, noteBody } from '../../../shared/request-context/request-context.js';
import { Clock } from '../../../shared/time/clock.js';
import type { GroupFileContent } from '../files/group-file.events.js';
import { contentKey } from './content-key.js';
import { bytesStoredIn } from './contents-of-files.js';
import { FileLimits } from './file-limits.js';

/** A form's boundaries, headers and text fields are not longer. */
const AROUND_A_FILE_BYTES = 64 * 1024;
/** How long an upload waits for the read model that sums up what an organisation stores. */
const SUM_WITHIN_MS = 2_000;

/** An upload that arrived whole, and has no key yet. */
export interface ReceivedContent {
  draft: Draft;
  /** The name that the form gave the file; null for a raw body. */
  fileName: string | null;
  fields: FormFields;
}

/** The bytes of groups' files, in the file storage. */
@Injectable()
export class GroupContents {
  private readonly logger = new Logger(GroupContents.name);
  /** Bytes of uploads that run here, by organisation. */
  private readonly arriving = new Map<string, number>();

  constructor(
    private readonly storage: FileStorage,
    private readonly scanner: FileScanner,
    private readonly limits: FileLimits,
    private readonly database: Database,
    private readonly projections: ProjectionRunner,
    private readonly clock: Clock,
  ) {}

  /**
   * Receives an upload that the caller is authorised to make. The limits are checked before it is read, and while it
   * arrives.
   * @param check refuses text fields that are bad
   * @throws RuleBroken `no-file-storage`, `file-too-large`, `file-quota-exceeded`, `invalid-input`; what `check` throws;
   * FileStorageUnavailable
   */
  async receive(
    upload: Upload,
    organisationId: string,
    check: (fields: FormFields) => Promise<void> = noFields,
  ): Promise<ReceivedContent> {
    const { fileBytes } = this.limits;
    const declared = Math.max(0, (upload.declaredBytes ?? 0) - AROUND_A_FILE_BYTES);
    if (declared > fileBytes) throw new RuleBroken('file-too-large');
    const left = await this.bytesLeft(organisationId);
    if (declared > left) throw new RuleBroken('file-quota-exceeded');
    let draft: Draft | undefined;
    try {
      const { taken, fields } = await upload.receive(fileBytes + AROUND_A_FILE_BYTES, async (file) => {
        await check(file.fields);
        draft = await this.storage.receive(this.counted(file, organisationId, left));
        return { draft, fileName: file.name };
      });
      await check(fields);
      noteBody([taken.draft.sha256, taken.fileName, fields]);
      return { ...taken, fields };
    } catch (error) {
      await draft?.discard();
      throw error;
    }
  }

  /**
   * Keeps a received content for a file while `append` stores the event that names it. A refused content leaves nothing
   * behind. When nobody knows whether the event was stored, the content stays, and the sweep decides later.
   * @param append returns the content that the file has then, which may be one of an earlier attempt
   * @throws what `append` throws; RuleBroken `file-refused`; `idempotency-key-reused` when an earlier attempt stored
   * another content; FileStorageUnavailable
   */
  async keep(
    draft: Draft,
    fileId: string,
    append: (content: GroupFileContent) => Promise<GroupFileContent>,
  ): Promise<void> {
    const { size, type, sha256 } = draft;
    const content = { contentId: randomUUID(), size, type, sha256 };
    const key = contentKey(fileId, content.contentId);
    try {
      beginWork();
      if (!(await this.scanner.accepts(draft.read()))) throw new RuleBroken('file-refused');
      await draft.keepAs(key);
    } finally {
      await draft.discard();
    }
    try {
      const stored = await append(content);
      if (stored.contentId !== content.contentId) await this.forget(fileId, [content]);
      if (stored.sha256 !== sha256) throw new RuleBroken('idempotency-key-reused');
    } catch (error) {
      if (error instanceof RuleBroken) await this.forget(fileId, [content]);
      throw error;
    }
  }

  /** Removes contents that no file keeps any more. The sweep removes what this leaves. Never throws. */
  async forget(fileId: string, contents: readonly Pick<GroupFileContent, 'contentId'>[]): Promise<void> {
    for (const { contentId } of contents)
      await this.storage.remove(contentKey(fileId, contentId)).catch((error: unknown) => {
        this.logger.warn({ err: error, msg: 'a stored file was not removed, cleanup removes it later' });
      });
  }

  private async *counted({ content }: ArrivingFile, organisationId: string, left: number): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    try {
      for await (const chunk of content) {
        bytes += chunk.length;
        this.arriving.set(organisationId, (this.arriving.get(organisationId) ?? 0) + chunk.length);
        if (bytes > this.limits.fileBytes) throw new RuleBroken('file-too-large');
        if (bytes > left || (this.arriving.get(organisationId) ?? 0) > left)
          throw new RuleBroken('file-quota-exceeded');
        yield chunk;
      }
    } finally {
      const others = (this.arriving.get(organisationId) ?? 0) - bytes;
      if (others > 0) this.arriving.set(organisationId, others);
      else this.arriving.delete(organisationId);
    }
  }

  /** The bytes that the organisation may still store, besides uploads that run now. */
  private async bytesLeft(organisationId: string): Promise<number> {
    const { organisationBytes } = this.limits;
    if (organisationBytes === Infinity) return Infinity;
    // A read model that is behind counts too little, which is better than no upload.
    await this.projections.caughtUp(SUM_WITHIN_MS);
    return organisationBytes - (await bytesStoredIn(this.database, organisationId, this.clock.now()));
  }
}

async function noFields(fields: FormFields): Promise<void> {
  const errors = Object.keys(fields).map((field) => ({ field, message: FIELD_MESSAGES.unknown }));
  if (errors.length > 0) throw new RuleBroken('invalid-input', { errors });
  return Promise.resolve();
}
