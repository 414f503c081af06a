/** Shown when a page, or the chunk that holds it, cannot be loaded. */
import { useRouteError } from 'react-router'
import { Notice } from './notice.tsx'

export function PageError() {
  const error = useRouteError()
  return (
    <main className="page">
      <h1>This page could not be shown</h1>
      <Notice kind="error">
        {error instanceof Error ? error.message : 'Something unexpected happened.'}
      </Notice>
      <p>
        <button className="button primary" type="button" onClick={() => location.reload()}>
          Load it again
        </button>
      </p>
    </main>
  )
}
