-- Promises: no statement updates, deletes or truncates events. It fails with restrict_violation (23001).
-- Called by the trigger event_never_changed of migration 0001. The trigger fires always, because a session can turn
-- ordinary triggers off.
create or replace function event_refuse_change() returns trigger
language plpgsql
as $$
begin
  raise exception 'events are never changed or removed' using errcode = 'restrict_violation';
end $$;
