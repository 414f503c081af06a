/**
 * The connections to one target: keep-alive HTTP/1.1, one request at a time on each, taken least recently used
 * first, and no request is ever sent a second time.
 *
 * What decides over lost requests is a target that closes idle connections earlier than the balancer does (its
 * idle time-out is 60 s): a request that is on its way when the target closes gets 502. Three things are modelled:
 *
 * - The way. On AWS the target's FIN travels for about a millisecond before the balancer can know of it; here the
 *   loopback carries it in microseconds. So a connection that the target closed counts as open for `noticeMs`,
 *   and a request that is given to it meanwhile is lost, as it would be on AWS.
 * - The age. AWS's balancer is a fleet of nodes with connections of their own, opened in advance and more than
 *   are needed, so on AWS there are always some that have been idle for long. One pool under load has none: every
 *   connection is used again within milliseconds. So a few connections per target rest unused after a request,
 *   until the balancer's idle time-out ends them, or the target does.
 * - The luck. That a request meets a resting connection exactly when the target closes it is rare on one node (people
 *   report one in 100,000) and certain over a day. The requests of this target stand for all nodes: one that
 *   comes within `noticeMs` of a close meets it. Nothing is lost that AWS could not lose at that moment, and a target
 *   that keeps connections longer than the balancer never closes first and never loses one.
 *
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-502-issues
 */
import { Agent, type ClientRequest, type IncomingMessage } from 'node:http'
import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Target } from '../../contract.ts'

/** How long the target's FIN is under way on AWS: half a round trip between zones, and the node's own delay. */
const finNoticeMs = 1
/** A target that answers this long after it closed a connection has not ended. */
const goesOnMs = 200
/** Connections per target that rest. */
export const restingConnections = 8
/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-504-issues */
const connectTimeoutMs = 10_000

/** Why a request on a connection failed, where the socket's own error does not say it. */
export class ConnectionTimeout extends Error {
  readonly kind: 'connect' | 'handshake' | 'idle'
  constructor(kind: 'connect' | 'handshake' | 'idle') {
    super(
      {
        connect: 'no connection to the target in time',
        handshake: 'no TLS handshake with the target in time',
        idle: 'no answer from the target in time',
      }[kind],
    )
    this.name = 'ConnectionTimeout'
    this.kind = kind
  }
}

export interface ConnectionOptions {
  readonly target: Target
  readonly tls: boolean
  /** The balancer's idle time-out at this moment. */
  idleTimeoutMs(): number
  /** For the connection, and again for TLS on it; AWS's own where it is not given. */
  readonly connectTimeoutMs?: number | undefined
  onOpen?(): void
  /** Called once for each way in which the target's own idle time-out became known. */
  onKeepAlive?(keepAlive: KeepAlive): void
}

/** How long a target keeps an idle connection. */
export interface KeepAlive {
  /** It closed one, and went on serving; or its answers say so (`Keep-Alive: timeout=5`). */
  readonly known: 'closed' | 'announced'
  readonly idleMs: number
}

const handshakeErrors = new WeakSet<Error>()

/** Whether a connection failed at TLS, not before and not after. */
export const isHandshakeError = (error: Error) => handshakeErrors.has(error)

interface Connection {
  readonly socket: Socket
  state: 'connecting' | 'handshake' | 'busy' | 'idle' | 'resting' | 'closed'
  request: ClientRequest | undefined
  /** When it became idle, by `performance.now()`. */
  idleSince: number
}

/** Sockets to one target, as an agent of node:http. Call `close` when the target leaves. */
export class TargetConnections extends Agent {
  readonly #options: ConnectionOptions
  readonly #open = new Set<Connection>()
  readonly #idle: Connection[] = []
  /** Closed by the target, which the balancer does not know yet. */
  readonly #unnoticed: Connection[] = []
  #resting = 0
  #closed = false
  readonly #keepAlive: { closed?: KeepAlive; announced?: KeepAlive } = {}
  /** A connection that the target closed, until an answer shows that the target itself goes on. */
  #suspected: { readonly idleMs: number; readonly at: number } | undefined

  constructor(options: ConnectionOptions) {
    super({ keepAlive: true })
    this.#options = options
  }

  /** Takes a connection that the target has just closed, if there is one: for how many milliseconds it was idle. */
  takeClosedByTarget(): number | undefined {
    const connection = this.#unnoticed.shift()
    return connection && performance.now() - connection.idleSince
  }

  /** What node:http calls to get a socket for a request. */
  addRequest(request: ClientRequest): void {
    const connection = this.#idle.shift() ?? this.#connect()
    connection.request = request
    if (connection.state === 'idle') {
      connection.state = 'busy'
      request.reusedSocket = true
    }
    if (!this.#keepAlive.announced) request.once('response', (answer) => this.#readAnnounced(answer))
    request.onSocket(connection.socket)
  }

  /** Closes idle connections now, and each other one when its request is done. */
  close(): void {
    this.#closed = true
    for (const connection of this.#open) {
      if (connection.state === 'idle' || connection.state === 'resting') this.#destroy(connection)
    }
  }

  /** Number of open connections. */
  get size(): number {
    return this.#open.size
  }

  /** Of Node.js, Tomcat and others. */
  #readAnnounced({ headers }: IncomingMessage): void {
    const [, seconds] = /\btimeout=(\d+)/.exec(String(headers['keep-alive'] ?? '')) ?? []
    if (seconds !== undefined) this.#learn({ known: 'announced', idleMs: Number(seconds) * 1000 })
  }

  #learn(keepAlive: KeepAlive): void {
    if (this.#keepAlive[keepAlive.known]) return
    this.#keepAlive[keepAlive.known] = keepAlive
    this.#options.onKeepAlive?.(keepAlive)
  }

  /** A target that ends closes its connections too: that one goes on is known from an answer after the close. */
  #confirmSuspected(): void {
    const suspected = this.#suspected
    if (!suspected || performance.now() - suspected.at < goesOnMs) return
    this.#suspected = undefined
    this.#learn({ known: 'closed', idleMs: Math.round(suspected.idleMs) })
  }

  #connect(): Connection {
    const { target, tls } = this.#options
    // Half open: a FIN must not close our side at once, or it would be noticed at once.
    const where = { host: target.id, port: target.port, allowHalfOpen: true, noDelay: true }
    // ALB does not check a target's certificate:
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
    const socket = tls ? connectTls({ ...where, rejectUnauthorized: false }) : connectPlain(where)
    readBeforeWriteFails(socket)
    const connection: Connection = { socket, state: 'connecting', request: undefined, idleSince: 0 }
    this.#open.add(connection)
    const ready = () => {
      if (connection.state !== 'closed') connection.state = 'busy'
      socket.setTimeout(this.#options.idleTimeoutMs())
    }
    socket.setTimeout(this.#options.connectTimeoutMs ?? connectTimeoutMs)
    socket.once('connect', () => {
      this.#options.onOpen?.()
      if (!tls) return ready()
      if (connection.state === 'connecting') connection.state = 'handshake'
      socket.setTimeout(this.#options.connectTimeoutMs ?? connectTimeoutMs)
    })
    if (tls) socket.once('secureConnect', ready)
    socket.on('timeout', () => this.#timeout(connection))
    socket.on('free', () => this.#release(connection))
    // node:http takes the socket away for an upgrade: it is no longer ours to reuse.
    socket.on('agentRemove', () => this.#forget(connection))
    socket.on('end', () => this.#closedByTarget(connection))
    socket.on('error', (error) => {
      if (connection.state === 'handshake') handshakeErrors.add(error)
      this.#closedByTarget(connection)
    })
    socket.on('close', () => {
      this.#closedByTarget(connection)
      this.#forget(connection)
    })
    return connection
  }

  #timeout(connection: Connection): void {
    const { state, request } = connection
    if (state === 'connecting') request?.destroy(new ConnectionTimeout('connect'))
    else if (state === 'handshake') request?.destroy(new ConnectionTimeout('handshake'))
    else if (state === 'busy') request?.destroy(new ConnectionTimeout('idle'))
    else this.#destroy(connection)
  }

  #release(connection: Connection): void {
    connection.request = undefined
    if (this.#closed || connection.state !== 'busy' || connection.socket.readableEnded) {
      this.#destroy(connection)
      return
    }
    connection.idleSince = performance.now()
    this.#confirmSuspected()
    if (this.#resting < restingConnections) {
      this.#resting++
      connection.state = 'resting'
    } else {
      connection.state = 'idle'
      this.#idle.push(connection)
    }
  }

  #closedByTarget(connection: Connection): void {
    if (connection.state !== 'idle' && connection.state !== 'resting') return
    this.#leave(connection)
    const at = performance.now()
    if (!this.#closed) this.#suspected ??= { idleMs: at - connection.idleSince, at }
    this.#unnoticed.push(connection)
    setTimeout(() => {
      const index = this.#unnoticed.indexOf(connection)
      if (index >= 0) this.#unnoticed.splice(index, 1)
    }, finNoticeMs)
    connection.socket.destroy()
  }

  #destroy(connection: Connection): void {
    this.#leave(connection)
    connection.socket.destroy()
  }

  /** Out of the idle and resting ones. */
  #leave(connection: Connection): void {
    if (connection.state === 'resting') this.#resting--
    if (connection.state === 'idle') this.#idle.splice(this.#idle.indexOf(connection), 1)
    connection.state = 'closed'
  }

  #forget(connection: Connection): void {
    this.#leave(connection)
    this.#open.delete(connection)
  }
}

/**
 * A target that answers before it has the whole request (413) and closes may have its answer on the way, or here, when the
 * next piece of the body cannot be written any more. That the connection was reset is then learned by reading, behind the
 * answer, and not by writing, which would throw the answer away.
 */
function readBeforeWriteFails(socket: Socket): void {
  type Callback = (error?: Error | null) => void
  const hold =
    (callback: Callback): Callback =>
    (error) => {
      const code = error && 'code' in error ? error.code : undefined
      const reset = code === 'EPIPE' || code === 'ECONNRESET'
      if (!reset || socket.readableEnded || socket.destroyed) callback(error)
      else socket.once('close', () => callback(error))
    }
  const { _write: write, _writev: writev } = socket
  socket._write = (chunk, encoding, callback) => write.call(socket, chunk, encoding, hold(callback))
  if (writev) socket._writev = (chunks, callback) => writev.call(socket, chunks, hold(callback))
}
