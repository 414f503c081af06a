/**
 * What the protocols have in common: each finds the operation that a request asks for, decodes its input, and
 * encodes an output or an error. wire.ts does the rest, the same for all.
 */
import type { Readable } from 'node:stream'
import type { AwsError } from '../aws-error.ts'
import type { WireRequest } from './request.ts'
import type { ErrorShape, Operation, ServiceModel } from './service-model.ts'
import type { CallerErrors } from './signature/caller-errors.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Readable | Uint8Array | string | undefined
}

/** The operation a request asks for; `operation` is undefined where AWS has none of that name. */
export interface Route {
  readonly name: string
  readonly operation: Operation | undefined
  /** Values that the router took out of the path, decoded: `{ Id: 'E2QWRUHAPOMQZL' }`. */
  readonly labels?: Readonly<Record<string, string>>
}

export interface Protocol {
  /** Code of the error for an operation that AWS has not. */
  readonly unknownOperation: { readonly code: string; readonly status: number }
  /** How a caller is refused. */
  readonly callerErrors: CallerErrors
  route(request: WireRequest): Promise<Route>
  decode(route: Route, operation: Operation, request: WireRequest): Promise<Record<string, unknown>>
  encode(operation: Operation, output: Readonly<Record<string, unknown>>, requestId: string): Answer
  encodeError(error: AwsError, requestId: string, request: WireRequest): Answer
}

/** An error as it goes over the wire: the shape decides on code and status where the service has one. */
export interface WireError {
  readonly shape: ErrorShape | undefined
  readonly status: number
  readonly message: string
  readonly members: Readonly<Record<string, unknown>>
}

export function wireError(model: ServiceModel, error: AwsError): WireError {
  const shape = model.error(error.code)
  // 400 is what an error has that does not say otherwise: there the shape knows better.
  const status = error.status === 400 ? (shape?.status ?? 400) : error.status
  return { shape, status, message: error.message, members: error.members }
}
