/**
 * The POSTs by signed-in callers that don't honour `Idempotency-Key`, with the reason. Any other such POST fails the
 * test.
 */
export const ROUTES_WITHOUT_IDEMPOTENCY: Readonly<Record<string, string>> = {
  'POST /v1/auth/sign-out': 'ending a session twice ends it once',
  'POST /auth/sign-out': 'ending a session twice ends it once',
  'POST /v1/auth/password': 'a repeat needs the new password, and secrets are not kept to be compared',
  'POST /auth/password': 'a repeat needs the new password, and secrets are not kept to be compared',
  'POST /v1/me/address': 'its body holds the password, and a repeat sends one more mail',
  'POST /v1/organisations/{id}/staff-invitations/import': 'stores nothing, and a file is not kept to be compared',
  'POST /v1/deployments/{id}/staff-invitations/import': 'stores nothing, and a file is not kept to be compared',
  'POST /v1/deployments/{id}/patient-invitations/import': 'stores nothing, and a file is not kept to be compared',
  'POST /v1/deployments/{id}/observer-invitations/import': 'stores nothing, and a file is not kept to be compared',
  'POST /v1/groups/{id}/invitations/import': 'stores nothing, and a file is not kept to be compared',
  'POST /v1/deployments/{id}/patient-links': 'its answer holds a link, which is a secret',
  'POST /v1/platform/staff-invitations/import': 'stores nothing, and a file is not kept to be compared',
  'POST /v1/me/invitations/{id}/accept': 'a repeated acceptance changes nothing',
  'POST /v1/me/invitations/{id}/decline': 'a repeat is refused, because the invitation is declined',
  'POST /v1/outbox/{key}/retry': 'a repeat changes nothing, because the mail is due already',
  'POST /v1/projections/{name}/resume': 'a repeat changes nothing, because the read model goes on already',
  'POST /v1/projections/{name}/rebuild': 'a repeat changes nothing while the rebuild runs',
  'POST /v1/projections/history/verify': 'a repeat compares again',
};
