/** POSTs by a signed-in caller that don't honour `Idempotency-Key`, and why they needn't. One that isn't here and doesn't fails the test. */
export const ROUTES_WITHOUT_IDEMPOTENCY: Readonly<Record<string, string>> = {
  'POST /v1/auth/sign-out': 'ending a session twice ends it once',
  'POST /auth/sign-out': 'ending a session twice ends it once',
  'POST /v1/organisations/{id}/staff-invitations/import': 'stores nothing, and a file is not kept to be compared',
  'POST /v1/deployments/{id}/staff-invitations/import': 'stores nothing, and a file is not kept to be compared',
  'POST /v1/deployments/{id}/patient-invitations/import': 'stores nothing, and a file is not kept to be compared',
  'POST /v1/groups/{id}/invitations/import': 'stores nothing, and a file is not kept to be compared',
  'POST /v1/deployments/{id}/patient-links': 'its answer holds a link, which is a secret',
  'POST /v1/platform/staff-invitations/import': 'stores nothing, and a file is not kept to be compared',
  'POST /v1/me/invitations/{id}/accept': 'accepting is left out; accepting again changes nothing',
  'POST /v1/me/invitations/{id}/decline': 'answering is left out; once it is declined a repeat says so',
  'POST /v1/projections/{name}/resume': 'stores no event, and does no more the second time',
  'POST /v1/projections/{name}/rebuild': 'stores no event, and does no more the second time',
};
