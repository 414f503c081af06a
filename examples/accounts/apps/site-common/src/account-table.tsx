/** The list of accounts, newest first; on a narrow screen each becomes a card. */
import { useState } from 'react'
import type { Account } from './api.ts'

interface Props {
  readonly accounts: readonly Account[]
  readonly loading: boolean
  readonly onDelete: (account: Account) => Promise<void>
}

const time = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

export function AccountTable({ accounts, loading, onDelete }: Props) {
  if (accounts.length === 0)
    return (
      <p className="card empty" aria-live="polite">
        {loading ? 'Loading…' : 'There are no accounts yet.'}
      </p>
    )
  return (
    <table className="card accounts" aria-busy={loading}>
      <caption className="visually-hidden">Accounts, newest first</caption>
      <thead>
        <tr>
          <th scope="col">Login id</th>
          <th scope="col">Name</th>
          <th scope="col">Created</th>
          <th scope="col">
            <span className="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {accounts.map((account) => (
          <Row key={account.id} account={account} onDelete={onDelete} />
        ))}
      </tbody>
    </table>
  )
}

/** The focus stays at the row for users of a keyboard: the button that they pressed is replaced by others. */
const focus = (button: HTMLButtonElement | null) => button?.focus()

function Row({ account, onDelete }: { account: Account; onDelete: Props['onDelete'] }) {
  const [state, setState] = useState<'idle' | 'asking' | 'deleting'>('idle')
  const [asked, setAsked] = useState(false)
  return (
    <tr>
      <td data-label="Login id">
        <code>{account.loginId}</code>
      </td>
      <td data-label="Name">{account.name}</td>
      <td data-label="Created">
        <time dateTime={account.createdAt}>{time.format(new Date(account.createdAt))}</time>
      </td>
      <td className="actions">
        {state === 'idle' ? (
          <button
            className="button quiet"
            type="button"
            ref={asked ? focus : undefined}
            onClick={() => {
              setState('asking')
              setAsked(true)
            }}
          >
            Delete<span className="visually-hidden"> {account.name}</span>
          </button>
        ) : (
          <>
            <button
              className="button danger"
              type="button"
              disabled={state === 'deleting'}
              onClick={async () => {
                setState('deleting')
                await onDelete(account)
                setState('idle')
              }}
            >
              Delete<span className="visually-hidden"> {account.name} for good</span>
            </button>
            <button
              className="button quiet"
              type="button"
              ref={focus}
              disabled={state === 'deleting'}
              onClick={() => setState('idle')}
            >
              Keep<span className="visually-hidden"> {account.name}</span>
            </button>
          </>
        )}
      </td>
    </tr>
  )
}
