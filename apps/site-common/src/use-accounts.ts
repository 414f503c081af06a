/** The state of the accounts page: what is listed, what happened last. */
import { useCallback, useEffect, useState } from 'react'
import { type Account, addAccount, deleteAccount, listAccounts, type NewAccount } from './api.ts'

export function useAccounts() {
  const [accounts, setAccounts] = useState<readonly Account[]>([])
  const [next, setNext] = useState<number | null>(null)
  const [loading, setLoading] = useState(true)
  const [error, setError] = useState('')
  const [message, setMessage] = useState('')

  const load = useCallback(async (before?: number) => {
    setLoading(true)
    try {
      const { body } = await listAccounts(before)
      setAccounts((known) => (before === undefined ? body.accounts : [...known, ...body.accounts]))
      setNext(body.next)
      setError('')
    } catch (problem) {
      setError((problem as Error).message)
    } finally {
      setLoading(false)
    }
  }, [])

  useEffect(() => void load(), [load])

  return {
    accounts,
    more: next !== null,
    loading,
    error,
    message,
    loadMore: () => void load(next ?? undefined),
    /** Rejects with the API's error, for the form to show beside its fields. */
    async add(account: NewAccount): Promise<void> {
      const { body } = await addAccount(account)
      setAccounts((known) => [body, ...known])
      setMessage(`${body.name} was added.`)
    },
    async remove(account: Account): Promise<void> {
      try {
        await deleteAccount(account.id)
        setAccounts((known) => known.filter(({ id }) => id !== account.id))
        setMessage(`${account.name} was deleted.`)
        setError('')
      } catch (problem) {
        setError((problem as Error).message)
      }
    },
  }
}
