/** The state of the accounts page: what is listed, what happened last. */
import { useCallback, useEffect, useState } from 'react'
import { type Account, ApiError, addAccount, deleteAccount, listAccounts, type NewAccount } from './api.ts'

/** What happened last, for people. */
interface Outcome {
  readonly kind: 'error' | 'success'
  readonly text: string
}

export function useAccounts() {
  /** Undefined until the first page has come: nothing is known, which is not the same as no accounts. */
  const [accounts, setAccounts] = useState<readonly Account[]>()
  const [next, setNext] = useState<number | null>(null)
  const [loading, setLoading] = useState(true)
  const [outcome, setOutcome] = useState<Outcome>()

  const load = useCallback(async (before?: number) => {
    setLoading(true)
    try {
      const { body } = await listAccounts(before)
      setAccounts((known = []) => merge(known, body.accounts))
      setNext(body.next)
      setOutcome(undefined)
    } catch (problem) {
      setOutcome(failure(problem))
    } finally {
      setLoading(false)
    }
  }, [])

  useEffect(() => void load(), [load])

  const forget = ({ id }: Account) => setAccounts((known = []) => known.filter((each) => each.id !== id))

  return {
    accounts,
    more: next !== null,
    loading,
    outcome,
    reload: () => void load(),
    loadMore: () => void load(next ?? undefined),
    /** Rejects with the API's error, for the form to show beside its fields. */
    async add(account: NewAccount): Promise<void> {
      const { body } = await addAccount(account)
      setAccounts((known = []) => merge(known, [body]))
      setOutcome({ kind: 'success', text: `${body.name} was added.` })
    },
    async remove(account: Account): Promise<void> {
      try {
        await deleteAccount(account.id)
        forget(account)
        setOutcome({ kind: 'success', text: `${account.name} was deleted.` })
      } catch (problem) {
        // Somebody else was quicker; what was wanted is so.
        const gone = problem instanceof ApiError && problem.status === 404
        if (gone) forget(account)
        setOutcome(
          gone ? { kind: 'success', text: `${account.name} was deleted already.` } : failure(problem),
        )
      }
    },
  }
}

/** Newest first, each once: an account may be added while the page that holds it is under way. */
function merge(known: readonly Account[], more: readonly Account[]): readonly Account[] {
  const byId = new Map([...known, ...more].map((account) => [account.id, account]))
  return [...byId.values()].sort((a, b) => b.id - a.id)
}

const failure = (problem: unknown): Outcome => ({
  kind: 'error',
  text: problem instanceof Error ? problem.message : String(problem),
})
