/**
 * The end of a task: on SIGTERM it stops accepting, finishes what it has begun, and leaves with status 0 before ECS
 * loses patience and sends SIGKILL.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
 */
import type { FastifyInstance } from 'fastify'

/**
 * Closes the server: no new connections, running requests finish and their connections close with the answer, idle
 * ones at once. True when all of them finished in time; else the rest is cut off.
 */
export async function closeGracefully(server: FastifyInstance, timeoutMs: number): Promise<boolean> {
  const http = server.server
  // Requests that were running at the signal end after it: their connections turn idle only then.
  const sweep = setInterval(() => http.closeIdleConnections(), 50)
  let inTime = true
  const cutOff = setTimeout(() => {
    inTime = false
    http.closeAllConnections()
  }, timeoutMs)
  try {
    await server.close()
  } finally {
    clearInterval(sweep)
    clearTimeout(cutOff)
  }
  return inTime
}
