import { Injectable } from '@nestjs/common';
import { type RawBuilder, sql } from 'kysely';
import { Authorization, roleStream, type Sight, Sights } from '../../access/access.contract.js';
import type { Permission, ScopeKind, ScopeRef } from '../../access/access.domain.contract.js';
import { GroupAccess } from '../../groups/groups.contract.js';
import { Database } from '../../../shared/database/database.js';
import { lines, uuids } from '../../../shared/database/lists.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { HistoryAccess } from '../reading/history-access.js';
import type { Viewpoint } from '../reading/viewpoint.js';

/** What has a story of its own, by the category of its stream. */
const STORIES = {
  staff: { of: 'membership', category: 'staff' },
  patient: { of: 'membership', category: 'patient' },
  observer: { of: 'membership', category: 'observer' },
  'group-member': { of: 'membership', category: 'groupMember' },
  'staff-invitation': { of: 'invitation', category: 'staff' },
  'patient-invitation': { of: 'invitation', category: 'patient' },
  'observer-invitation': { of: 'invitation', category: 'observer' },
  'group-invitation': { of: 'invitation', category: 'groupMember' },
} as const;
type StoryOfPerson = keyof typeof STORIES;
export type StoryOf = StoryOfPerson | 'role';

/** Permissions that show one thing by its id. Source: docs/domain.md §5.2 */
const SEEN_BY: Readonly<Record<StoryOfPerson, readonly Permission[]>> = {
  staff: ['staff.view'],
  patient: ['patients.view'],
  observer: ['staff.view'],
  'group-member': [],
  'staff-invitation': ['staff.view', 'staff.manage'],
  'patient-invitation': ['patients.view'],
  'observer-invitation': ['staff.view', 'staff.manage'],
  'group-invitation': [],
};

/** A membership, or an invitation on its stream. */
interface Thing {
  stream: string;
  /** The invitation, if the story is one's. */
  invitation_id: string | null;
  person_id: string;
  scope_kind: ScopeKind;
  scope_id: string;
}

/** Where an entry belongs, and whom it is about. */
interface EntryPlace {
  stream: string;
  subject: string | null;
  scope_kind: ScopeKind;
  scope_id: string;
}

/** Whose story it is, and how the reader sees it. */
export interface OpenedStory {
  /** The entries of the story. */
  condition: RawBuilder<boolean>;
  viewpoint: Viewpoint;
}

/**
 * Finds what a story is about, by an id or by the reader's alias of it. Former members and ended invitations keep
 * theirs. Source: docs/domain.md §16
 */
@Injectable()
export class Stories {
  constructor(
    private readonly authorization: Authorization,
    private readonly sights: Sights,
    private readonly groups: GroupAccess,
    private readonly access: HistoryAccess,
    private readonly database: Database,
  ) {}

  /** @throws RuleBroken `not-found` for an unknown thing, and for one that the reader may not see */
  async open(reader: string, story: StoryOf, id: string): Promise<OpenedStory> {
    return story === 'role' ? this.openRole(reader, id) : this.openOfPerson(reader, story, id);
  }

  private async openOfPerson(reader: string, story: StoryOfPerson, id: string): Promise<OpenedStory> {
    const thing = await this.sights.find(reader, id, {
      load: async (stored) => (await this.things(story, [stored]))[0],
      existing: async (ids) => (await this.things(story, ids)).map((one) => idOf(story, one)),
      see: async (found) => this.seen(reader, story, found),
    });
    const place: ScopeRef = { kind: thing.scope_kind, id: thing.scope_id };
    const viewpoint = await this.access.viewpointAt(reader, place);
    const { stream, invitation_id: invitationId } = thing;
    const condition =
      invitationId === null
        ? sql<boolean>`stream = ${stream}`
        : sql<boolean>`about = ${invitationId}::text and stream = ${stream}`;
    return { condition, viewpoint };
  }

  /** A custom role's story is for holders of a role where it can be given. */
  private async openRole(reader: string, id: string): Promise<OpenedStory> {
    const { rows } = await sql<{ organisation_id: string; defined_at: string }>`
      select organisation_id, defined_at from role_definition_period
      where key = ${id} and organisation_id is not null limit 1`.execute(this.database.kysely());
    const [role] = rows;
    if (!role) throw new RuleBroken('not-found');
    const isOfDeployment = role.defined_at !== role.organisation_id;
    const definedAt: ScopeRef = { kind: isOfDeployment ? 'deployment' : 'organisation', id: role.defined_at };
    await this.authorization.requireRoleVisible(reader, definedAt);
    const viewpoint = await this.access.viewpointAt(reader, definedAt);
    return { condition: sql<boolean>`about = ${id}::text and stream = ${roleStream(role.organisation_id)}`, viewpoint };
  }

  /** Whether a reader may see an entry: where it happened, or in the story of what it is about. */
  async showEntry(reader: string, entry: EntryPlace): Promise<boolean> {
    const { category } = StreamId.parse(entry.stream);
    const place: ScopeRef = { kind: entry.scope_kind, id: entry.scope_id };
    if (reader === entry.subject) return true;
    const story = (Object.keys(STORIES) as StoryOfPerson[]).find(
      (one) => STORIES[one].of === 'membership' && STORIES[one].category === category,
    );
    if (story !== undefined) return this.shows(reader, story, place);
    try {
      await (category === 'role' && place.kind !== 'platform'
        ? this.authorization.requireRoleVisible(reader, place)
        : this.access.open(reader, place));
      return true;
    } catch (error) {
      if (error instanceof RuleBroken && ['not-found', 'forbidden'].includes(error.code)) return false;
      throw error;
    }
  }

  private async seen(reader: string, story: StoryOfPerson, thing: Thing): Promise<Sight | null> {
    const place: ScopeRef = { kind: thing.scope_kind, id: thing.scope_id };
    const viewpoint = await this.access.viewpointAt(reader, place);
    const sight = viewpoint.sightOf(thing.person_id, STORIES[story].category, {
      scope_id: thing.scope_id,
      organisation_id: viewpoint.organisationId,
    });
    const isShown = reader === thing.person_id || (await this.shows(reader, story, place));
    return isShown ? sight : null;
  }

  private async shows(reader: string, story: StoryOfPerson, place: ScopeRef): Promise<boolean> {
    if (place.kind === 'group' && (await this.showsGroup(reader, story, place))) return true;
    const at = place.kind === 'group' ? await this.access.organisationOf(place) : place;
    const { effectivePermissions } = await this.authorization.evaluate(reader, at);
    return ['audit.view' as const, ...SEEN_BY[story]].some((permission) => effectivePermissions.can(permission));
  }

  /** Members see each other, and administrators also see invitations. */
  private async showsGroup(reader: string, story: StoryOfPerson, group: ScopeRef): Promise<boolean> {
    const insight = await this.groups.insightOf(reader, group.id);
    return insight === 'administrator' || (insight === 'member' && story === 'group-member');
  }

  private async things(story: StoryOfPerson, ids: readonly string[]): Promise<Thing[]> {
    const { of, category } = STORIES[story];
    const { rows } =
      of === 'membership'
        ? await sql<Thing>`
            select distinct on (key) key as stream, null as invitation_id, person_id, scope_kind, scope_id
            from grant_period where key = any(${lines(ids.map((id) => StreamId.of(category, id)))})`.execute(
            this.database.kysely(),
          )
        : await sql<Thing>`
            select distinct on (invitation_id) key as stream, invitation_id, person_id, scope_kind, scope_id
            from offer_period where invitation_id = any(${uuids(ids)}) and kind = ${category}`.execute(
            this.database.kysely(),
          );
    return rows;
  }
}

function idOf(story: StoryOfPerson, { stream, invitation_id: invitationId }: Thing): string {
  return invitationId ?? stream.slice(STORIES[story].category.length + 1);
}
