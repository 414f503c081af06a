/**
 * The functions of a cache behaviour: run for the viewer's request and for the answer, and what a viewer gets where one
 * fails.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
 */
import type { Distribution } from '../../model/distribution.ts'
import { errorPage } from '../message/error-page.ts'
import { discardBody, type EdgeAnswer, type EdgeRequest } from '../message/messages.ts'
import type { Route } from '../viewer/route.ts'
import {
  InvalidFunctionResult,
  readRequestResult,
  readResponseResult,
  requestEvent,
  responseEvent,
} from './event.ts'
import type { EdgeFunction } from './runtime.ts'

export interface Functions {
  /** The request as the function left it, or the answer that it gave instead. */
  viewerRequest(
    distribution: Distribution,
    route: Route,
    request: EdgeRequest,
  ): Promise<{ request: EdgeRequest } | { answer: EdgeAnswer }>
  viewerResponse(
    distribution: Distribution,
    route: Route,
    request: EdgeRequest,
    answer: EdgeAnswer,
  ): Promise<EdgeAnswer>
}

export function createFunctions(options: {
  functionOf: (arn: string) => EdgeFunction | undefined
  /** Called for a function that threw or returned an invalid value. */
  failed: (distribution: Distribution, arn: string, error: unknown) => void
}): Functions {
  const run = (arn: string, event: object) => {
    const found = options.functionOf(arn)
    if (found === undefined) throw new Error(`the function ${arn} does not exist or is not published`)
    return found.run(event)
  }
  const failure = (distribution: Distribution, arn: string, error: unknown): EdgeAnswer => {
    options.failed(distribution, arn, error)
    return error instanceof InvalidFunctionResult
      ? errorPage(502, 'The CloudFront function returned an invalid value.', 'FunctionValidationError')
      : errorPage(
          503,
          'The CloudFront function associated with the CloudFront distribution is invalid or could not run.',
          'FunctionExecutionError',
        )
  }

  return {
    async viewerRequest(distribution, route, request) {
      const arn = route.behavior.viewerRequestFunctionArn
      if (arn === undefined) return { request }
      try {
        const event = requestEvent(distribution, request, 'viewer-request')
        return readRequestResult(await run(arn, event), request, event.request)
      } catch (error) {
        return { answer: failure(distribution, arn, error) }
      }
    },

    /** "Viewer-response functions do not run for origin status ≥ 400" (edge functions restrictions). */
    async viewerResponse(distribution, route, request, answer) {
      const arn = route.behavior.viewerResponseFunctionArn
      if (arn === undefined || answer.status >= 400) return answer
      try {
        return readResponseResult(await run(arn, responseEvent(distribution, request, answer)), answer)
      } catch (error) {
        discardBody(answer.body)
        return failure(distribution, arn, error)
      }
    },
  }
}
