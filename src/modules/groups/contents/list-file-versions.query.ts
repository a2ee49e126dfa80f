import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { newestVersion } from '../files/group-file.js';
import { GroupFiles } from '../files/group-files.js';
import type { GroupFileVersions } from './group-content.dto.js';

/** The kept versions of a file, newest first, for the group's members. */
export class ListFileVersions extends Query<GroupFileVersions> {
  constructor(
    readonly actor: string,
    readonly id: string,
  ) {
    super();
  }
}

@QueryHandler(ListFileVersions)
export class ListFileVersionsHandler implements IQueryHandler<ListFileVersions> {
  constructor(private readonly files: GroupFiles) {}

  /** @throws RuleBroken `not-found`, `file-is-a-link` */
  async execute({ actor, id }: ListFileVersions): Promise<GroupFileVersions> {
    const { file, authorization } = await this.files.open(actor, id);
    newestVersion(file);
    const named = await this.files.authors(
      actor,
      authorization,
      file.versions.map(({ storedBy }) => storedBy),
    );
    const items = file.versions.map(({ size, type, sha256, version, storedAt, storedBy }) => ({
      size,
      type,
      sha256,
      version,
      uploadedAt: new Date(storedAt).toISOString(),
      uploadedBy: named(storedBy),
    }));
    return { items: items.reverse() };
  }
}
