import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { checkedContent } from '../../../shared/file-storage/checked-content.js';
import { FileStorage } from '../../../shared/file-storage/file-storage.js';
import { SHOWN_TYPES } from '../../../shared/file-storage/media-type.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { newestVersion } from '../files/group-file.js';
import { GroupFiles } from '../files/group-files.js';
import { contentKey } from './content-key.js';

/** A content, ready to be sent. The product checks its bytes while it sends them. */
export interface ReadableContent {
  name: string;
  type: string;
  size: number;
  bytes: AsyncIterable<Uint8Array>;
}

/**
 * A version of a file, for the group's members.
 * `purpose`: a download, or a preview in a browser.
 */
export class GetFileContent extends Query<ReadableContent> {
  constructor(
    readonly actor: string,
    readonly id: string,
    readonly version: number | undefined,
    readonly purpose: 'download' | 'preview',
  ) {
    super();
  }
}

@QueryHandler(GetFileContent)
export class GetFileContentHandler implements IQueryHandler<GetFileContent> {
  constructor(
    private readonly files: GroupFiles,
    private readonly storage: FileStorage,
  ) {}

  /**
   * @throws RuleBroken `not-found` for a version that isn't kept, `file-is-a-link`, `no-preview`; DamagedStoredFile,
   * FileStorageUnavailable
   */
  async execute({ actor, id, version, purpose }: GetFileContent): Promise<ReadableContent> {
    const { file, access } = await this.files.open(actor, id);
    if (!access.mayView) throw new RuleBroken('forbidden');
    const newest = newestVersion(file);
    const wanted = version === undefined ? newest : file.versions.find((each) => each.version === version);
    if (!wanted) throw new RuleBroken('not-found');
    const { contentId, size, type, sha256 } = wanted;
    if (purpose === 'preview' && !(SHOWN_TYPES as readonly string[]).includes(type)) throw new RuleBroken('no-preview');
    const bytes = await checkedContent(this.storage, { key: contentKey(id, contentId), size, sha256 });
    return { name: file.entry.name, type, size, bytes };
  }
}
