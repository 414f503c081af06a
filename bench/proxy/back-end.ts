/**
 * What all proxies stand in front of: a server that answers every request with the same small JSON and keeps its
 * connections. nginx where there is one, because it must never be the limit; a bare socket server of Node otherwise.
 */
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { find, freePort, type Program, startServer } from './programs.ts'

export interface BackEnd extends Program {
  readonly kind: 'nginx' | 'node'
  readonly port: number
}

const body = JSON.stringify({
  id: '5f0c8a52-7d0e-4b3c-9a55-0d5e6b1c2f11',
  name: 'a small answer',
  state: 'active',
  count: 42,
})

export async function startBackEnd(dir: string, core: number | undefined): Promise<BackEnd> {
  const port = await freePort()
  const nginx = find('nginx')
  const commandLine =
    nginx === undefined
      ? ([process.execPath, fileURLToPath(import.meta.url), `${port}`] as const)
      : ([nginx, '-e', 'stderr', '-c', configureNginx(dir, port)] as const)
  const program = await startServer('the back end', port, commandLine, { core })
  return { ...program, kind: nginx === undefined ? 'node' : 'nginx', port }
}

function configureNginx(dir: string, port: number): string {
  const file = join(dir, 'back-end.conf')
  writeFileSync(
    file,
    `daemon off; master_process off; pid ${dir}/back-end.pid; error_log stderr error;
events { worker_connections 1024; }
http {
  access_log off; default_type application/json;
  client_body_temp_path ${dir}; proxy_temp_path ${dir}; fastcgi_temp_path ${dir}; uwsgi_temp_path ${dir};
  scgi_temp_path ${dir};
  keepalive_timeout 1h; keepalive_requests 1000000000;
  server { listen 127.0.0.1:${port}; location / { return 200 '${body}'; } }
}
`,
  )
  return file
}

/** Requests have no bodies here, so an empty line ends one. */
function serve(port: number): void {
  const answer = Buffer.from(
    `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
  const server = createServer({ noDelay: true }, (socket) => {
    let rest = ''
    socket.on('data', (chunk) => {
      const parts = (rest + chunk.toString('latin1')).split('\r\n\r\n')
      rest = parts.pop() ?? ''
      for (const _request of parts) socket.write(answer)
    })
    socket.on('error', () => socket.destroy())
  })
  server.listen(port, '127.0.0.1')
}

if (import.meta.main) serve(Number(process.argv[2]))
