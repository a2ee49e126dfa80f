import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { Sealed } from '../../../shared/crypto/sealing.js';
import type { AccountClosingEvent } from '../closing/account-closing.events.js';
import type { NameDomainEvent, NameEvent } from './name.events.js';

/** The name that a person chose last, sealed for the event with this id. Null: the name of their acceptance. */
export type ChosenName = { sealed: Sealed; eventId: string } | null;

/** A person who makes another account gives a name with it. */
type Relevant = NameEvent | AccountClosingEvent;
const TYPES: readonly string[] = ['NameChanged', 'AccountClosed'] satisfies Relevant['type'][];

export function evolveName(_name: ChosenName, event: Relevant): ChosenName {
  return event.type === 'NameChanged' ? { sealed: event.data.name, eventId: event.id } : null;
}

/** The stream holds other choices of the person, too. */
export function chosenNameFrom(history: readonly StoredEvent[]): ChosenName {
  return (history as readonly Relevant[])
    .filter(({ type }) => TYPES.includes(type))
    .reduce<ChosenName>(evolveName, null);
}

/** Nothing for the same name. @param seal seals the new one for the event */
export function changeName(present: string | null, name: string, seal: (name: string) => Sealed): NameDomainEvent[] {
  return present === name ? [] : [{ type: 'NameChanged', data: { name: seal(name) } }];
}
