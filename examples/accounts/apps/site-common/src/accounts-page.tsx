/** Accounts: list, add, delete. */
import { useState } from 'react'
import { AccountForm } from './account-form.tsx'
import { AccountTable } from './account-table.tsx'
import { Notice } from './notice.tsx'
import { useSite } from './site.tsx'
import { useAccounts } from './use-accounts.ts'

export function Component() {
  const site = useSite()
  const [adding, setAdding] = useState(false)
  const { accounts, more, loading, outcome, add, remove, reload, loadMore } = useAccounts()
  return (
    <div className="page">
      <title>{`Accounts – ${site.title}`}</title>
      <div className="page-head">
        <div>
          <h1>
            {site.audience === 'admin' ? 'Admin accounts' : 'User accounts'}
            <span className="korean" lang="ko">
              {site.korean} 계정
            </span>
          </h1>
          <p className="muted">{site.introduction}</p>
        </div>
        <button
          className="button primary"
          type="button"
          aria-expanded={adding}
          aria-controls="new-account"
          onClick={() => setAdding(!adding)}
        >
          {adding ? 'Close' : 'Add account'}
        </button>
      </div>
      {adding && <AccountForm onAdd={add} onDone={() => setAdding(false)} />}
      {outcome && <Notice kind={outcome.kind}>{outcome.text}</Notice>}
      {accounts === undefined && !loading ? (
        <p>
          <button className="button" type="button" onClick={reload}>
            Try again
          </button>
        </p>
      ) : (
        <AccountTable accounts={accounts ?? []} loading={loading} onDelete={remove} />
      )}
      {more && (
        <button className="button" type="button" disabled={loading} onClick={loadMore}>
          Show older accounts
        </button>
      )}
    </div>
  )
}
