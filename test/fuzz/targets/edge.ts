/**
 * The front door and the distribution behind it. What reaches the origin has the origin's secret header, once: a request
 * with another one came through as the body of another request, or with a header that a viewer forged.
 */
import { host, openSite } from '../../../packages/emulator/src/services/cloudfront/test-kit/edge.test-kit.ts'
import { oneOf } from '../hostile.ts'
import { Finding, type Target } from '../target.ts'
import { assertHttp, bytesOf, exchange } from './http-bytes.ts'

export const edgeTarget: Target = {
  name: 'edge',
  deadlineMs: 15_000,
  casesPerRound: 150,
  async open() {
    const forged: string[] = []
    const site = await openSite({
      api(request, response) {
        const verified = request.headersDistinct['x-origin-verify'] ?? []
        if (verified.length !== 1 || verified[0] !== 'secret')
          forged.push(`${request.method} ${request.url} ${verified}`)
        request.resume()
        response.end('api')
      },
    })
    await site.put('index.html', 'site')
    const { stateDir, authority } = site.emulator.context
    const http = Number(new URL(site.door.httpUrl).port)
    const https = Number(new URL(site.door.httpsUrl).port)
    return {
      async attempt(g, watch) {
        const [name, tls] = oneOf(g, [
          [host, true],
          [host, false],
          [`${host}.localhost`, false],
        ] as const)
        const sent = bytesOf(g, name)
        const secure = tls ? { ca: authority.certificate, servername: host } : undefined
        watch.trying({ tls, ...sent, bytes: sent.bytes.toString('latin1') })
        const answer = await watch.underOthers(() => exchange(tls ? https : http, sent, secure))
        assertHttp(answer, [stateDir])
        const [first] = forged.splice(0)
        if (first !== undefined) throw new Finding(`an origin got a request with another secret: ${first}`)
      },
      [Symbol.asyncDispose]: () => site.close(),
    }
  },
}
