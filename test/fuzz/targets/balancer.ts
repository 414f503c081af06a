/**
 * The load balancer's sockets. What it sends to a target has its own headers: a request without them came through as the
 * body of another one.
 */
import {
  forward,
  startTestBalancer,
} from '../../../packages/emulator/src/services/elbv2/test-kit/elbv2.test-kit.ts'
import { Finding, type Target } from '../target.ts'
import { assertHttp, bytesOf, exchange } from './http-bytes.ts'

export const balancerTarget: Target = {
  name: 'balancer',
  deadlineMs: 10_000,
  casesPerRound: 150,
  async open() {
    const balancer = await startTestBalancer()
    const smuggled: string[] = []
    const group = await balancer.group('fuzz')
    await balancer.listener([forward(group)])
    const { server } = await balancer.target(group, (request, response) => {
      const { method, url, headers } = request
      if (headers['x-forwarded-for'] === undefined || headers['x-amzn-trace-id'] === undefined)
        smuggled.push(`${method} ${url}`)
      request.resume()
      response.end('ok')
    })
    server.on('upgrade', (_request, socket) => socket.destroy())
    const port = balancer.portOf(80)
    return {
      async attempt(g, watch) {
        const sent = bytesOf(g, 'localhost')
        watch.trying({ ...sent, bytes: sent.bytes.toString('latin1') })
        const answer = await watch.underOthers(() => exchange(port, sent))
        assertHttp(answer, [balancer.context.stateDir])
        const [first] = smuggled.splice(0)
        if (first !== undefined)
          throw new Finding(`a target got a request that the balancer did not see: ${first}`)
      },
      [Symbol.asyncDispose]: () => balancer[Symbol.asyncDispose](),
    }
  },
}
