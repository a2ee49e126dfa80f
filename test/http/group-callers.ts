import type { TestServer } from '../support/test-server.js';
import { createGroup, freshEmail, inviteToGroup, joinGroup, type Member, type Place } from '../support/scenarios.js';

/**
 * The groups of one organisation: one with a member, a pending invitation and a file, and a deleted one. Each is made
 * when a test first asks for it.
 */
export class GroupCallers {
  private readonly made = new Map<string, Promise<unknown>>();

  constructor(
    private readonly server: TestServer,
    private readonly organisation: Place,
  ) {}

  async group(): Promise<Place> {
    return this.once('group', async () => createGroup(this.server, this.organisation));
  }

  async deleted(): Promise<Place> {
    return this.once('deleted', async () => {
      const group = await createGroup(this.server, this.organisation, 'Deleted');
      await this.server.admin.delete(group.path).expect(204);
      return group;
    });
  }

  async member(): Promise<Member> {
    return this.once('member', async () => joinGroup(this.server, await this.group(), { contentCreator: true }));
  }

  async invitation(): Promise<{ id: string; token: string }> {
    return this.once('invitation', async () =>
      inviteToGroup(this.server, this.server.admin, await this.group(), freshEmail('group-invitee')),
    );
  }

  /** The id of a file. */
  async file(): Promise<string> {
    return this.once('file', async () => {
      const { body } = await this.server.admin
        .post(`${(await this.group()).path}/files`, { name: 'Minutes.pdf', url: 'https://files.example.org/7f3a' })
        .expect(201);
      return (body as { id: string }).id;
    });
  }

  /** The id of a file with content. */
  async content(): Promise<string> {
    return this.once('content', async () => {
      const call = this.server.admin.call('post', `${(await this.group()).path}/files`);
      const { body } = await call.attach('file', Buffer.from('A plan'), { filename: 'Plan.txt' }).expect(201);
      return (body as { id: string }).id;
    });
  }

  /** The ids for the path's parameters after the first. */
  async further(): Promise<Record<string, string>> {
    return { memberId: (await this.member()).membershipId, fileId: await this.file() };
  }

  /** One id of every kind. */
  async ids(): Promise<Record<string, string>> {
    return {
      group: (await this.group()).id,
      'group-member': (await this.member()).membershipId,
      'group-invitation': (await this.invitation()).id,
      'group-file': await this.file(),
    };
  }

  private async once<Thing>(what: string, make: () => Promise<Thing>): Promise<Thing> {
    const thing = this.made.get(what) ?? make();
    this.made.set(what, thing);
    return thing as Promise<Thing>;
  }
}
