import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { GroupFileView } from './group-file.dto.js';
import { groupFileRow } from './group-file-list.projection.js';
import { GroupFiles } from './group-files.js';

/** One file, read from its stream, for the group's members. */
export class GetGroupFile extends Query<GroupFileView> {
  constructor(
    readonly actor: string,
    readonly id: string,
  ) {
    super();
  }
}

@QueryHandler(GetGroupFile)
export class GetGroupFileHandler implements IQueryHandler<GetGroupFile> {
  constructor(private readonly files: GroupFiles) {}

  async execute({ actor, id }: GetGroupFile): Promise<GroupFileView> {
    const { file, authorization } = await this.files.open(actor, id);
    const [view] = await this.files.views(actor, authorization, [groupFileRow(id, file)]);
    if (!view) throw new TypeError('the row has no view');
    return view;
  }
}
