/**
 * The proxies that the emulator stands beside: nginx, HAProxy and Caddy, each as one process with one thread, with
 * connections that are kept on both sides, no access log, and the headers of its client's address, scheme and port
 * added, because a load balancer does no less.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { find, freePort, startServer } from './programs.ts'

export const proxyNames = ['nginx', 'haproxy', 'caddy'] as const
export type ProxyName = (typeof proxyNames)[number]

/** What the load is sent to. */
export interface ReverseProxy {
  readonly name: string
  readonly port: number
  readonly pid: number
  stop(): Promise<void>
}

interface Kind {
  /** The configuration file. */
  configuration(ports: { readonly own: number; readonly backEnd: number }, dir: string): string
  /** How it is made to stay in the foreground with that file. */
  arguments(file: string): string[]
  readonly environment?: (dir: string) => Record<string, string>
}

/** By the name of their program. */
const kinds: Readonly<Record<ProxyName, Kind>> = {
  nginx: {
    configuration: ({ own, backEnd }, dir) => `
daemon off; master_process off; pid ${dir}/nginx.pid; error_log stderr error;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${dir}; proxy_temp_path ${dir}; fastcgi_temp_path ${dir}; uwsgi_temp_path ${dir};
  scgi_temp_path ${dir};
  keepalive_timeout 1h; keepalive_requests 1000000000;
  upstream back_end { server 127.0.0.1:${backEnd}; keepalive 64; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${own};
    location / {
      proxy_pass http://back_end;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Port $server_port;
    }
  }
}
`,
    arguments: (file) => ['-e', 'stderr', '-c', file],
  },
  haproxy: {
    configuration: ({ own, backEnd }) => `
global
  nbthread 1
  maxconn 1024
defaults
  mode http
  option forwardfor
  http-reuse always
  timeout connect 10s
  timeout client 1h
  timeout server 1h
  timeout http-keep-alive 1h
frontend listener
  bind 127.0.0.1:${own}
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Port ${own}
  default_backend targets
backend targets
  server target 127.0.0.1:${backEnd} pool-purge-delay 1h
`,
    arguments: (file) => ['-db', '-f', file],
  },
  caddy: {
    configuration: ({ own, backEnd }) => `
{
  admin off
  auto_https off
  log {
    level ERROR
  }
}
http://:${own} {
  bind 127.0.0.1
  reverse_proxy 127.0.0.1:${backEnd} {
    header_up X-Forwarded-Port ${own}
    transport http {
      keepalive 1h
      keepalive_idle_conns_per_host 64
    }
  }
}
`,
    arguments: (file) => ['run', '--config', file, '--adapter', 'caddyfile'],
    environment: (dir) => ({ GOMAXPROCS: '1', HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir }),
  },
}

/** Starts a proxy in front of the back end; undefined where this machine has none of its kind. */
export async function startProxy(
  name: ProxyName,
  options: { readonly dir: string; readonly backEndPort: number; readonly core: number | undefined },
): Promise<ReverseProxy | undefined> {
  const command = find(name)
  if (command === undefined) return undefined
  const kind = kinds[name]
  const dir = join(options.dir, name)
  mkdirSync(dir)
  const port = await freePort()
  const file = join(dir, 'configuration')
  writeFileSync(file, kind.configuration({ own: port, backEnd: options.backEndPort }, dir))
  const environment = kind.environment?.(dir) ?? {}
  const commandLine = [command, ...kind.arguments(file)] as const
  const { pid, stop } = await startServer(name, port, commandLine, { core: options.core, environment })
  return { name, port, pid, stop }
}
