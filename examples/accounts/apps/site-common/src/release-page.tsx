/** Which release of the site this tab runs, and which release of the service answers it. */
import { useEffect, useState } from 'react'
import { type Health, health } from './api.ts'
import { Notice } from './notice.tsx'
import { appVersion, useSite } from './site.tsx'

export function Component() {
  const site = useSite()
  const [service, setService] = useState<Health>()
  const [error, setError] = useState('')
  useEffect(() => {
    health().then(
      ({ body }) => setService(body),
      (problem: Error) => setError(problem.message),
    )
  }, [])
  const unknown = error ? 'unknown' : '…'
  return (
    <div className="page">
      <title>{`Release – ${site.title}`}</title>
      <h1>Release</h1>
      {error && <Notice kind="error">{error}</Notice>}
      <dl className="card facts">
        <div>
          <dt>Site</dt>
          <dd>
            <code>{appVersion}</code>
          </dd>
        </div>
        <div>
          <dt>Service</dt>
          <dd>
            <code>{service?.version ?? unknown}</code>
          </dd>
        </div>
        <div>
          <dt>Database</dt>
          <dd>{service?.database ?? unknown}</dd>
        </div>
      </dl>
    </div>
  )
}
