/** What other modules may use of observers. */
export { InviteObserversDto, OBSERVER_WINDOWS, ObserverView } from './observer.dto.js';
