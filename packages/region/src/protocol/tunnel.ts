/**
 * The way in for AWS clients that cannot be told an endpoint, or not for every service that they call, such as
 * `aws ecs deploy` before version 2.13 of the CLI: the API's port is an HTTPS proxy for AWS's host names.
 * `HTTPS_PROXY=http://localhost:7070 AWS_CA_BUNDLE=…/ca.pem` leads every call here. Nothing is passed on to AWS or
 * to anybody else.
 */
import type { RequestListener, Server } from 'node:http'
import { createServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { createSecureContext, type SecureContext } from 'node:tls'
import type { CertificateAuthority } from '../certificate-authority.ts'

/** Host names of AWS's APIs: `codedeploy.ap-northeast-2.amazonaws.com:443`, `s3.dualstack…`, `ecs.….api.aws:443`. */
const awsName = /^[a-z0-9.-]+\.(?:amazonaws\.com|api\.aws)$/i
const isAws = (hostAndPort: string) =>
  hostAndPort.endsWith(':443') && awsName.test(hostAndPort.slice(0, -':443'.length))

/** Certificates are kept for that many names. */
const namesMax = 200

/** Takes CONNECT requests on the server from now on; returns the end of it. */
export function openTunnels(
  server: Server,
  authority: Pick<CertificateAuthority, 'issue'>,
  handle: RequestListener,
): () => void {
  const contexts = new Map<string, Promise<SecureContext>>()
  const contextFor = (name: string): Promise<SecureContext> => {
    const known = contexts.get(name)
    if (known) return known
    if (contexts.size >= namesMax) contexts.clear()
    const made = authority.issue([name]).then(createSecureContext)
    contexts.set(name, made)
    return made
  }
  // It listens nowhere: connections are given to it.
  const inside = createServer(
    {
      keepAliveTimeout: 75_000,
      SNICallback: (name, done) => {
        if (!awsName.test(name)) return done(new Error(`${name} is no name of AWS's`))
        contextFor(name).then(
          (context) => done(null, context),
          (error) => done(error),
        )
      },
    },
    handle,
  )
  inside.on('tlsClientError', (_error, socket) => socket.destroy())
  // Neither server closes them: one has let them go, the other, which listens nowhere, keeps no list.
  const sockets = new Set<Duplex>()
  server.on('connect', (request, socket: Duplex, head: Buffer) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    if (!isAws(request.url ?? '')) {
      const reason = 'This proxy leads to the APIs of AWS that the region has, and nowhere else.\n'
      socket.end(
        `HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\ncontent-length: ${reason.length}\r\nconnection: close\r\n\r\n${reason}`,
      )
      socket.resume()
      return
    }
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    if (head.length > 0) socket.unshift(head)
    inside.emit('connection', socket)
  })
  return () => {
    for (const socket of sockets) socket.destroy()
  }
}
