/**
 * Lambda: functions in Node.js from zip archives, run for real; what an invocation starts ends with it. What
 * AWS documents and is otherwise or missing here: behaviours.ts.
 */
import * as sdk from '@aws-sdk/client-lambda'
import { AwsError } from '../../aws-error.ts'
import type { EmulatorContext } from '../../service.ts'
import type { CloudWatchLogs } from '../logs/contract.ts'
import { behaviours } from './behaviours.ts'
import type { Invocation, Lambda } from './contract.ts'
import { createEventQueue } from './event-queue.ts'
import { initTimeoutMs } from './function-process.ts'
import { type FunctionCredentials, invoke } from './invoke.ts'
import { createOperations } from './operations.ts'
import { createResourceTypes } from './resources.ts'
import { createState } from './state.ts'

export type { FunctionCredentials } from './invoke.ts'

export interface LambdaDependencies {
  readonly logs: CloudWatchLogs
  /** Address of the emulator's API, asked for at each invocation. */
  readonly apiUrl: () => string
  /** Credentials of a session of the function's role. Default: a key that the wire takes for the account's root. */
  readonly credentials?: (roleArn: string, sessionName: string) => FunctionCredentials
  /** Default: Lambda's own ten seconds. */
  readonly initTimeoutMs?: number
}

type Run = Invocation & { readonly requestId?: string }

export function createLambda(context: EmulatorContext, dependencies: LambdaDependencies): Lambda {
  const state = createState(context)
  const running = new Set<Promise<unknown>>()
  const stopping = new AbortController()
  const withCredentials = { credentials: unnamedCredentials, initTimeoutMs, ...dependencies }

  const run = async ({ functionName, payload = '{}', requestId = context.ids.uuid() }: Run) => {
    const target = state.target(functionName)
    const given = { payload, requestId }
    const invocation = invoke(context, withCredentials, target, given, stopping.signal)
    running.add(invocation)
    return invocation.finally(() => running.delete(invocation))
  }

  const exists = (functionArn: string) => {
    try {
      return state.target(functionArn) !== undefined
    } catch (error) {
      if (error instanceof AwsError) return false
      throw error
    }
  }

  const queue = createEventQueue(context, {
    run,
    configOf(functionArn) {
      const { of, qualifier } = state.target(functionArn)
      return of.eventInvokeConfigs?.[qualifier]
    },
  })

  const invokeEvent: Lambda['invokeEvent'] = (functionArn, payload) => {
    const here = `arn:aws:lambda:${context.region}:${context.accountId}:function:`
    if (!functionArn.startsWith(here) || !exists(functionArn)) return false
    queue.add(functionArn, payload)
    return true
  }

  return {
    name: 'lambda',
    resourceTypes: createResourceTypes(state),
    api: {
      signingName: 'lambda',
      // A package of 50 MB in base64.
      bodyBytesMax: 70 * 1024 * 1024,
      protocol: 'rest-json',
      sdk,
      operations: createOperations(state, run, queue.add),
    },
    behaviours,
    invoke: run,
    invokeEvent,
    async start() {
      await state.sweep()
      queue.start()
    },
    async stop() {
      const stopped = queue.stop()
      stopping.abort(new Error('the emulator stops'))
      await stopped
      await Promise.allSettled(running)
    },
  }
}

const unnamedCredentials = (): FunctionCredentials => ({
  accessKeyId: 'ASIALAMBDAFUNCTION00',
  secretAccessKey: 'unverified',
  sessionToken: 'unverified',
})
