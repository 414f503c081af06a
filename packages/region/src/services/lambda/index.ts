/**
 * Lambda: functions in Node.js from zip archives, run for real; what an invocation starts ends with it. What
 * AWS documents and is otherwise or missing here: behaviours.ts.
 */
import * as sdk from '@aws-sdk/client-lambda'
import { AwsError } from '../../protocol/api.ts'
import type { RegionContext } from '../../service.ts'
import type { Logs } from '../logs/contract.ts'
import { behaviours } from './behaviours.ts'
import type { Functions } from './contract.ts'
import { initTimeoutMs } from './function-process.ts'
import { type FunctionCredentials, invoke } from './invoke.ts'
import { createOperations } from './operations.ts'
import { createResourceTypes } from './resources.ts'
import { createFunctionState } from './state.ts'

export type { FunctionCredentials } from './invoke.ts'

export interface LambdaDependencies {
  readonly logs: Logs
  /** Address of the region's API, asked for at each invocation. */
  readonly apiUrl: () => string
  /** Credentials of a session of the function's role. Default: a key that the wire takes for the account's root. */
  readonly credentials?: (roleArn: string, sessionName: string) => FunctionCredentials
  /** Default: Lambda's own ten seconds. */
  readonly initTimeoutMs?: number
}

export function createLambda(context: RegionContext, dependencies: LambdaDependencies): Functions {
  const state = createFunctionState(context)
  const running = new Set<Promise<unknown>>()
  const stopping = new AbortController()
  const withCredentials = { credentials: unnamedCredentials, initTimeoutMs, ...dependencies }

  const run: Functions['invoke'] = async ({ functionName, payload = '{}' }) => {
    const target = state.target(functionName)
    const invocation = invoke(context, withCredentials, target, payload, stopping.signal)
    running.add(invocation)
    return invocation.finally(() => running.delete(invocation))
  }

  const invokeEvent: Functions['invokeEvent'] = (functionArn, payload) => {
    if (!functionArn.startsWith(`arn:aws:lambda:${context.region}:${context.accountId}:function:`))
      return false
    try {
      state.target(functionArn)
    } catch (error) {
      if (error instanceof AwsError) return false
      throw error
    }
    // Who tells may be in the middle of a transaction, which no process should start in.
    setImmediate(() => {
      if (!stopping.signal.aborted) run({ functionName: functionArn, payload }).catch(() => undefined)
    })
    return true
  }

  return {
    name: 'lambda',
    resourceTypes: createResourceTypes(state),
    api: { signingName: 'lambda', protocol: 'rest-json', sdk, operations: createOperations(state, run) },
    behaviours,
    invoke: run,
    invokeEvent,
    start: state.sweep,
    async stop() {
      stopping.abort(new Error('the region stops'))
      await Promise.allSettled(running)
    },
  }
}

const unnamedCredentials = (): FunctionCredentials => ({
  accessKeyId: 'ASIALAMBDAFUNCTION00',
  secretAccessKey: 'unverified',
  sessionToken: 'unverified',
})
