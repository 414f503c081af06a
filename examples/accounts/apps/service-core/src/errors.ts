/**
 * Errors as the API answers them: `{ "error": { "code", "message", "fields"? } }`, always JSON, so that a client
 * never has to guess. What was not foreseen is logged in full and answered without details.
 */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'

export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly fields: Readonly<Record<string, string>> | undefined
  constructor(status: number, code: string, message: string, fields?: Record<string, string>) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.code = code
    this.fields = fields
  }
}

export function answerError(
  error: FastifyError | Error,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (error instanceof ApiError)
    return reply.code(error.status).send(body(error.code, error.message, error.fields))
  const status = 'statusCode' in error ? (error.statusCode ?? 500) : 500
  // Fastify's own: a body that is no JSON, too large, of an unknown type.
  if (status < 500) return reply.code(status).send(body('bad_request', error.message))
  if (databaseIsAway(error)) {
    request.log.warn({ err: error }, 'database unavailable')
    const message = 'The database cannot be reached at the moment. Please try again.'
    return reply.code(503).header('retry-after', '5').send(body('database_unavailable', message))
  }
  request.log.error({ err: error }, 'request failed')
  return reply.code(500).send(body('internal', 'Something went wrong on our side.'))
}

export function answerNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply
    .code(404)
    .send(body('not_found', `There is no ${request.method} ${request.url.split('?')[0]}.`))
}

function body(code: string, message: string, fields?: Readonly<Record<string, string>>) {
  return { error: { code, message, ...(fields && { fields }) } }
}

/**
 * A connection that cannot be made or broke, or a server that starts, stops or has become a standby.
 * Classes 08, 57P and 25006: https://www.postgresql.org/docs/17/errcodes-appendix.html
 */
function databaseIsAway(error: Error): boolean {
  const code = 'code' in error ? String(error.code) : ''
  return (
    /^(08...|57P0[123]|25006|53300|ECONN.*|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN)$/.test(code) ||
    /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout)/.test(error.message)
  )
}
