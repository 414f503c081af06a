/**
 * Life-cycle event hooks: a Lambda function is invoked with the ids of the deployment and of this execution, and
 * the event waits for PutLifecycleEventHookExecutionStatus, an hour at most. The function's own result does not
 * count. An execution outlives the emulator: after a restart its function is invoked again under the same id, and the
 * first call of the two that answers decides.
 *
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html#appspec-hooks-ecs
 */
import type { Clock } from '../../../clock.ts'
import type { Ids } from '../../../ids.ts'
import type { Lambda } from '../../lambda/contract.ts'
import { invalidHookExecutionId, invalidHookStatus, lifecycleEventAlreadyCompleted } from '../model/errors.ts'
import { hookFailed, hookUnanswered } from '../model/failures.ts'
import type { Journal } from '../model/journal.ts'
import type { Deployment, EventName, HookExecution } from '../model/model.ts'

const answerTimeoutAwsMs = 60 * 60_000

export interface Hooks {
  run(id: string, event: EventName, functionName: string, signal: AbortSignal): Promise<void>
  /** PutLifecycleEventHookExecutionStatus. */
  answer(id: string, executionId: string, status: string | undefined): void
}

export function createHooks({
  clock,
  ids,
  journal,
  lambda,
}: {
  clock: Clock
  ids: Ids
  journal: Journal
  lambda: Lambda
}): Hooks {
  const waiting = new Map<string, (status: 'Succeeded' | 'Failed') => void>()

  /** A function's log is complete when it has ended; by then its answer may have ended the deployment. */
  function keepLog(id: string, executionId: string, logTail: string): void {
    const event = journal.find(id)?.events.find((one) => one.hook?.executionId === executionId)
    if (event !== undefined) journal.setEvent(id, event.name, { logTail })
  }

  function begin(id: string, event: EventName, functionName: string): HookExecution {
    const hook = { functionName, executionId: Buffer.from(`${id}/${event}/${ids.uuid()}`).toString('base64') }
    journal.setEvent(id, event, { hook })
    return hook
  }

  return {
    async run(id, event, functionName, signal) {
      const { executionId, answer: given } =
        executionOf(journal.get(id), event) ?? begin(id, event, functionName)
      if (given === 'Failed') throw hookFailed({ errorCode: 'ScriptFailed' })
      if (given === 'Succeeded') return
      const over = new AbortController()
      const either = AbortSignal.any([signal, over.signal])
      const answered = new Promise<'Succeeded' | 'Failed'>((resolve, reject) => {
        waiting.set(executionId, resolve)
        either.addEventListener('abort', () => reject(either.reason), { once: true })
        if (either.aborted) reject(either.reason)
      })
      const payload = { DeploymentId: id, LifecycleEventHookExecutionId: executionId }
      let logTail: string | undefined
      const ran = lambda.invoke({ functionName, payload: JSON.stringify(payload) }).then(
        (result) => {
          logTail = result.logTail
          keepLog(id, executionId, result.logTail)
        },
        // There is no such function. One that throws is different: only its answer counts.
        () => over.abort(hookFailed({ errorCode: 'ScriptMissing' })),
      )
      // The hour is AWS's, but the function's own time is not: however short the hour, it may end first.
      Promise.all([clock.sleepAws(answerTimeoutAwsMs, either), ran]).then(
        () => over.abort(hookUnanswered(logTail)),
        () => undefined,
      )
      try {
        if ((await answered) === 'Failed') throw hookFailed({ errorCode: 'ScriptFailed' })
      } finally {
        waiting.delete(executionId)
        over.abort()
      }
    },
    answer(id, executionId, status) {
      const event = journal.get(id).events.find((candidate) => candidate.hook?.executionId === executionId)
      if (event?.hook === undefined) throw invalidHookExecutionId()
      if (status !== 'Succeeded' && status !== 'Failed') throw invalidHookStatus()
      if (event.status !== 'InProgress' || event.hook.answer !== undefined) {
        throw lifecycleEventAlreadyCompleted()
      }
      // Stored even when nothing waits for it: while the emulator starts or stops.
      journal.setEvent(id, event.name, { hook: { ...event.hook, answer: status } })
      waiting.get(executionId)?.(status)
      waiting.delete(executionId)
    },
  }
}

const executionOf = (deployment: Deployment, name: EventName): HookExecution | undefined =>
  deployment.events.find((event) => event.name === name)?.hook
