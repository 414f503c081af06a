/** The form for a new account; what the service finds wrong is shown at the field it concerns. */
import { useId, useState } from 'react'
import { ApiError, type NewAccount } from './api.ts'
import { Notice } from './notice.tsx'

interface Props {
  readonly onAdd: (account: NewAccount) => Promise<void>
  readonly onDone: () => void
}

export function AccountForm({ onAdd, onDone }: Props) {
  const [error, setError] = useState<ApiError>()
  const [busy, setBusy] = useState(false)

  async function submit(form: FormData) {
    if (busy) return
    const text = (name: string) => String(form.get(name) ?? '')
    setBusy(true)
    setError(undefined)
    try {
      await onAdd({ loginId: text('loginId'), name: text('name'), password: text('password') })
      onDone()
    } catch (problem) {
      setError(problem instanceof ApiError ? problem : new ApiError(0, String(problem)))
    } finally {
      setBusy(false)
    }
  }

  return (
    <form
      id="new-account"
      className="card account-form"
      onSubmit={(event) => {
        // Not `action`: React would empty the fields, also when the service refuses them.
        event.preventDefault()
        void submit(new FormData(event.currentTarget))
      }}
    >
      <h2>New account</h2>
      {error && <Notice kind="error">{error.message}</Notice>}
      <div className="fields">
        <Field
          name="loginId"
          label="Login id"
          korean="아이디"
          error={error}
          autoComplete="off"
          minLength={3}
          maxLength={64}
        />
        <Field name="name" label="Name" korean="이름" error={error} autoComplete="off" maxLength={100} />
        <Field
          name="password"
          label="Password"
          korean="비밀번호"
          error={error}
          type="password"
          autoComplete="new-password"
          minLength={8}
          maxLength={128}
        />
      </div>
      <button className="button primary" type="submit" disabled={busy}>
        {busy ? 'Adding…' : 'Add'}
      </button>
    </form>
  )
}

interface FieldProps {
  readonly name: string
  readonly label: string
  readonly korean: string
  readonly error: ApiError | undefined
  readonly type?: string
  readonly autoComplete: string
  readonly minLength?: number
  readonly maxLength: number
}

function Field({ name, label, korean, error, ...input }: FieldProps) {
  const id = useId()
  const problem = error?.fields[name]
  return (
    <div className="field">
      <label htmlFor={id}>
        {label}
        <span className="korean" lang="ko">
          {korean}
        </span>
      </label>
      <input
        id={id}
        name={name}
        required
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : `${id}-problem`}
        {...input}
      />
      {problem !== undefined && (
        <p className="field-problem" id={`${id}-problem`}>
          {problem}
        </p>
      )}
    </div>
  )
}
